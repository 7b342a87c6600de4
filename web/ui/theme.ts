import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import { THEMES, type Theme } from '../http/look.ts'
import type { AnyRequest } from '../http/request-context.ts'
import type { Assets } from './assets.ts'

const COOKIE = 'theme'
const YEAR_SECONDS = 365 * 24 * 60 * 60

/** The first of all middleware, as a refusal is a page too. */
export function withLook(assets: Assets): MiddlewareHandler<AnyRequest> {
  const stylesheet = assets.url('style.css')
  const icon = assets.url('icon.svg')
  const fonts = [assets.url('inter.woff2')]
  return async (c, next) => {
    const theme = z.enum(THEMES).safeParse(getCookie(c, COOKIE)).data ?? 'system'
    c.set('look', { theme, stylesheet, icon, fonts, script: (name) => assets.url(`${name}.js`) })
    await next()
  }
}

/** Stored per browser, as the theme depends on the device. */
export function rememberTheme(c: Context, theme: Theme): void {
  setCookie(c, COOKIE, theme, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_SECONDS })
}

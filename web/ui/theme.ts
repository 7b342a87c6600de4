import type { Context, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { Reached } from '../http/request-context.ts'
import type { Assets } from './assets.ts'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** How a page looks and what it loads, whatever it shows. */
export interface Look {
  theme: Theme
  stylesheet: string
  icon: string
  /** What makes a page live, by its name. */
  script: (name: string) => string
  /** Loaded before the text is drawn, so that nothing moves afterwards. */
  fonts: readonly string[]
}

const COOKIE = 'theme'
const YEAR_SECONDS = 365 * 24 * 60 * 60

/** Gives every page its look; the first of all middleware, as a refusal is a page too. */
export function looks(assets: Assets): MiddlewareHandler<Reached> {
  const stylesheet = assets.url('style.css')
  const icon = assets.url('icon.svg')
  const fonts = [assets.url('inter.woff2')]
  return async (c, next) => {
    const theme = z.enum(THEMES).safeParse(getCookie(c, COOKIE)).data ?? 'system'
    c.set('look', { theme, stylesheet, icon, fonts, script: (name) => assets.url(`${name}.js`) })
    await next()
  }
}

/** Kept in the browser, not with the account: the room is dark, not the person. */
export function keepTheme(c: Context, theme: Theme): void {
  setCookie(c, COOKIE, theme, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_SECONDS })
}

import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Look } from '../http/look.ts'

export interface Document {
  title: string
  look: Look
  /** Scripts that make the page live. */
  scripts?: readonly string[]
  /** For a browser without scripts: load again after so many seconds. */
  refreshSeconds?: number | null
  children: Child
}

/** A whole page. */
export function document({ title, look, scripts = [], refreshSeconds = null, children }: Document) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en" {...(look.theme !== 'system' && { 'data-theme': look.theme })}>
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{`${title} · Rosterport`}</title>
          {look.fonts.map((font) => (
            <link rel="preload" href={font} as="font" type="font/woff2" crossorigin="" />
          ))}
          <link rel="stylesheet" href={look.stylesheet} />
          <link rel="icon" href={look.icon} type="image/svg+xml" />
          {refreshSeconds !== null && (
            <noscript>
              <meta http-equiv="refresh" content={String(refreshSeconds)} />
            </noscript>
          )}
          {['page', ...scripts].map((name) => (
            <script type="module" src={look.script(name)} />
          ))}
        </head>
        <body>{children}</body>
      </html>
    </>
  )
}

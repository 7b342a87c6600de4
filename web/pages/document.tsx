import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'

/** A whole page. */
export function document({ title, stylesheet, children }: { title: string; stylesheet: string; children: Child }) {
  return (
    <>
      {raw('<!doctype html>')}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>{`${title} · Rosterport`}</title>
          <link rel="stylesheet" href={stylesheet} />
        </head>
        <body>{children}</body>
      </html>
    </>
  )
}

export function Mark() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6.5" fill="var(--accent-fill)" />
      <path
        d="M7 17.5V7.2h4.6a3.1 3.1 0 0 1 0 6.2H7M11.8 13.4l3.9 4.1"
        fill="none"
        stroke="#fff"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

const ICONS = {
  bang: <path d="M8 3v6.2M8 12.6v.01" />,
  check: <path d="m3.2 8.4 3.2 3.2 6.4-7" />,
  clock: <path d="M8 4.8V8l2.2 1.4M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0 -11.6" />,
  dash: <path d="M4 8h8" />,
  err: <path d="M8 5.2v3.4M8 10.8v.01M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0 -11.6" />,
  overview: <path d="M2.5 2.5h4.5v5h-4.5zM9 2.5h4.5v3H9zM9 7.5h4.5v6H9zM2.5 9.5h4.5v4h-4.5z" />,
  x: <path d="m4 4 8 8M12 4l-8 8" />,
} as const
export type IconName = keyof typeof ICONS

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
      {ICONS[name]}
    </svg>
  )
}

const ICONS = {
  activity: <path d="M2 8h2.7l1.8-4.5 3 9L11.3 8H14" />,
  archive: <path d="M2.2 3h11.6v3H2.2zM3.2 6v7h9.6V6M6.2 8.6h3.6" />,
  ban: <path d="m4 12 8-8M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6" />,
  bang: <path d="M8 3v6.2M8 12.6v.01" />,
  check: <path d="m3.2 8.4 3.2 3.2 6.4-7" />,
  chev: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  clock: <path d="M8 4.8V8l2.2 1.4M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6" />,
  config: (
    <path d="M2.5 4.5h6M12.5 4.5h1M2.5 11.5h1M7.5 11.5h6M10.5 2.8a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4M5.5 9.8a1.7 1.7 0 1 1 0 3.4a1.7 1.7 0 1 1 0-3.4" />
  ),
  contacts: (
    <path d="M6 3a2.5 2.5 0 1 1 0 5a2.5 2.5 0 1 1 0-5M1.8 13.2c.4-2.3 2.1-3.6 4.2-3.6s3.8 1.3 4.2 3.6M10.5 3.3a2.3 2.3 0 0 1 0 4.4M12 9.9c1.3.5 2 1.6 2.3 3.3" />
  ),
  copy: <path d="M5.5 5.5h7.8v7.8H5.5zM10.5 5.5V2.7H2.7v7.8h2.8" />,
  db: (
    <path d="M8 2.2c3 0 5 .8 5 2s-2 2-5 2-5-.8-5-2 2-2 5-2M3 4.2v7.6c0 1.2 2 2 5 2s5-.8 5-2V4.2M3 8c0 1.2 2 2 5 2s5-.8 5-2" />
  ),
  dl: <path d="M8 2.5v7M5.2 7 8 9.8 10.8 7M3 13h10" />,
  down: <path d="M8 3v9.5M4.2 9 8 12.8 11.8 9" />,
  err: <path d="M8 5.2v3.4M8 10.8v.01M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6" />,
  file: <path d="M4 1.8h5l3.2 3.2v9.2H4zM9 1.8V5h3.2" />,
  imports: <path d="M8 2v7.5M5 6.8l3 3 3-3M2.5 10.5v2a1.2 1.2 0 0 0 1.2 1.2h8.6a1.2 1.2 0 0 0 1.2-1.2v-2" />,
  inbox: <path d="M2.3 9.2 4.2 3h7.6l1.9 6.2v3.9H2.3zM2.3 9.2h3.4l.8 1.6h3l.8-1.6h3.4" />,
  info: <path d="M8 7.4v3.4M8 5.2v.01M8 2.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6" />,
  key: <path d="m7 9 6-6M11 5l1.8 1.8M9.2 6.8l1.3 1.3M5 8.3a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4" />,
  mail: <path d="M2 3.8h12v8.4H2zM2.3 4.2 8 8.8l5.7-4.6" />,
  menu: <path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />,
  minus: <path d="M4 8h8" />,
  overview: <path d="M2.5 2.5h4.5v5h-4.5zM9 2.5h4.5v3H9zM9 7.5h4.5v6H9zM2.5 9.5h4.5v4h-4.5z" />,
  pause: <path d="M5.6 4v8M10.4 4v8" />,
  play: <path d="M5 3.2v9.6l7.6-4.8z" />,
  plus: <path d="M8 3v10M3 8h10" />,
  search: <path d="M7 2.6a4.4 4.4 0 1 1 0 8.8a4.4 4.4 0 1 1 0-8.8M10.2 10.2l3.2 3.2" />,
  spin: <path d="M13.2 5.5A5.8 5.8 0 1 0 13.8 8M13.4 2.4v3.2h-3.2" />,
  stop: <path d="M4 4h8v8H4z" />,
  trash: <path d="M2.8 4.2h10.4M6 4V2.6h4V4M4 4.4l.6 9h6.8l.6-9" />,
  undo: <path d="M6 3.2 3 6.2l3 3M3.2 6.2h6.3a3.6 3.6 0 0 1 0 7.2H6.5" />,
  up: <path d="M8 13V3.5M4.2 7 8 3.2 11.8 7" />,
  upload: <path d="M8 10V2.5M5 5.2l3-3 3 3M2.5 10.5v2a1.2 1.2 0 0 0 1.2 1.2h8.6a1.2 1.2 0 0 0 1.2-1.2v-2" />,
  user: <path d="M8 2.5a2.7 2.7 0 1 1 0 5.4a2.7 2.7 0 1 1 0-5.4M2.9 13.6c.5-2.6 2.5-4 5.1-4s4.6 1.4 5.1 4" />,
  warn: <path d="M8 2.6 14 13H2zM8 6.6v3M8 11.3v.01" />,
  x: <path d="m4 4 8 8M12 4l-8 8" />,
} as const
export type IconName = keyof typeof ICONS

/** Always beside a word with the same meaning, so screen readers skip it. */
export function Icon({ name, tone }: { name: IconName; tone?: 'ok' | 'warn' | 'bad' | 'accent' | undefined }) {
  return (
    <svg class={name === 'chev' ? 'i chev' : tone ? `i t-${tone}` : 'i'} viewBox="0 0 16 16" aria-hidden="true">
      {ICONS[name]}
    </svg>
  )
}

/** The logo. */
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

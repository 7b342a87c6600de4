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

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

/** Theme and assets of every page. */
export interface Look {
  theme: Theme
  stylesheet: string
  icon: string
  /** The address of a script, by its name. */
  script: (name: string) => string
  /** Loaded before the text is drawn, so that nothing moves afterwards. */
  fonts: readonly string[]
}

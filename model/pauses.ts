import { zonedFormat } from './wording/zoned-format.ts'

/** Days on which no window runs, both ends included: local dates of the team, `YYYY-MM-DD`. */
export interface Pause {
  from: string
  to: string
  /** Why, for people: `winter break`. May be empty. */
  why: string
}

const dateFormat = zonedFormat('en-US', { dateStyle: 'medium' })

/** `Jan 4, 2027`, of a local date. */
export function dateWords(date: string): string {
  return dateFormat(new Date(`${date}T00:00:00Z`), 'UTC')
}

/** The pause that covers the date; of several the one that lasts longest. */
export function pauseOn(pauses: readonly Pause[], date: string): Pause | null {
  const covering = pauses.filter(({ from, to }) => from <= date && date <= to)
  return covering.reduce<Pause | null>((last, pause) => (last && last.to >= pause.to ? last : pause), null)
}

export function isPaused(pauses: readonly Pause[], date: string): boolean {
  return pauseOn(pauses, date) !== null
}

/** Days on which no window runs, both ends included: local dates of the team, `YYYY-MM-DD`. */
export interface Pause {
  from: string
  to: string
  /** Why, for people: `winter break`. May be empty. */
  why: string
}

export function isPaused(pauses: readonly Pause[], date: string): boolean {
  return pauses.some(({ from, to }) => from <= date && date <= to)
}

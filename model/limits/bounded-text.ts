import { z } from 'zod'

/** A text of at most `most` characters. A longer one is refused before any other rule looks at it. */
export function boundedText(most: number, error?: string) {
  return z.string().max(most, { abort: true, ...(error !== undefined && { error }) })
}

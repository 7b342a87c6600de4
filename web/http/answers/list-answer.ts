import { setImmediate } from 'node:timers/promises'
import type { Context } from 'hono'
import type { Page } from '../../../store/postgres/keyset-page.ts'

/** A page that has grown so large ends early; `next` leads on. */
const MOST_PAGE_BYTES = 8 << 20
/** How much is read and written in one go, so that others get their turn between. */
const AT_A_TIME_BYTES = 512 << 10
/** Read first, to see how large the items are. */
const FIRST_ITEMS = 5

/** Reads a part of a list from behind a cursor. */
export type ListPart<T> = (part: { after: string | undefined; limit: number }) => Promise<Page<T>>

interface Asked {
  after?: string | number | undefined
  limit: number
}

/**
 * A page of a list as JSON. Items may be large, a record of a file with all its faults among them, and 500 of these in one
 * piece would hold up everybody: they are read and written a few at a time.
 */
export async function listAnswer<T>(
  c: Context,
  { after, limit }: Asked,
  list: ListPart<T>,
  beside: Record<string, unknown> = {},
): Promise<Response> {
  const items: Buffer[] = []
  let bytes = 0
  let next = after === undefined ? null : String(after)
  do {
    const part = await list({ after: next ?? undefined, limit: nextPart(items.length, bytes, limit) })
    let inOneGo = 0
    for (const item of part.items) {
      const text = Buffer.from(JSON.stringify(item))
      items.push(text)
      inOneGo += text.length
      bytes += text.length
      if (inOneGo < AT_A_TIME_BYTES) continue
      await setImmediate()
      inOneGo = 0
    }
    next = part.next
  } while (next !== null && items.length < limit && bytes < MOST_PAGE_BYTES)
  const comma = Buffer.from(',')
  const joined = items.flatMap((item, place) => (place === 0 ? item : [comma, item]))
  const rest = JSON.stringify({ next, ...beside }).slice(1)
  return c.body(Buffer.concat([Buffer.from('{"items":['), ...joined, Buffer.from(`],${rest}`)]), 200, {
    'Content-Type': 'application/json',
  })
}

/** As many as take about what is read in one go. */
function nextPart(items: number, bytes: number, limit: number): number {
  if (items === 0) return Math.min(FIRST_ITEMS, limit)
  return Math.max(1, Math.min(limit - items, Math.floor((AT_A_TIME_BYTES * items) / Math.max(1, bytes))))
}

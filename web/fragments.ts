import type { JSX } from 'hono/jsx/jsx-runtime'
import type { SSEStreamingApi } from 'hono/streaming'
import { WithFormToken } from './pages/components/form.tsx'

/** A part of a page and the id of its element. */
export type Fragment = readonly [id: string, fragment: JSX.Element]

export interface Fragments {
  fragments: readonly Fragment[]
  /** Whether something is going on, so that a look is due soon. */
  hurry: boolean
}

/** At most four a second; when nothing goes on, one is enough. */
const HURRY_MS = 250
const CALM_MS = 1000
/** Tells both ends that the other is still there. */
const ALIVE_MS = 10_000

/** Sends each fragment that has changed since the page was made, until the browser goes away. `token` is for its forms. */
export async function sendFragments(
  stream: SSEStreamingApi,
  token: string | null,
  look: () => Promise<Fragments>,
): Promise<void> {
  const sent = new Map<string, string>()
  let heardOf = 0
  while (!stream.aborted && !stream.closed) {
    const started = performance.now()
    const { fragments, hurry } = await look()
    for (const [id, fragment] of fragments) {
      const html = String(await WithFormToken({ token, children: await fragment }))
      if (sent.get(id) === html) continue
      sent.set(id, html)
      heardOf = started
      await stream.writeSSE({ event: 'fragment', data: JSON.stringify(html) })
    }
    if (started - heardOf > ALIVE_MS) {
      heardOf = started
      await stream.writeSSE({ event: 'alive', data: '' })
    }
    await stream.sleep(Math.max(50, (hurry ? HURRY_MS : CALM_MS) - (performance.now() - started)))
  }
}

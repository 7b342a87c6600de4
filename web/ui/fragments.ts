import type { JSX } from 'hono/jsx/jsx-runtime'
import type { SSEStreamingApi } from 'hono/streaming'
import type { Log } from '../../log.ts'
import { WithFormToken } from './components/form.tsx'

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

/**
 * Sends each fragment that has changed since the page was made, until the browser goes away. `token` is for its forms. A
 * look that fails ends the stream: the page says that it is interrupted, and asks again.
 */
export async function sendFragments(
  stream: SSEStreamingApi,
  { token, log }: { token: string | null; log: Log },
  look: () => Promise<Fragments>,
): Promise<void> {
  try {
    await sendUntilClosed(stream, token, look)
  } catch (error) {
    log.warn({ err: error }, 'live page interrupted')
  }
}

async function sendUntilClosed(
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

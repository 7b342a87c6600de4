import type { JSX } from 'hono/jsx/jsx-runtime'
import type { SSEStreamingApi } from 'hono/streaming'
import type { Log } from '../../log.ts'
import { WithFormToken } from './components/form.tsx'

/** A part of a page and the id of its element. */
export type Fragment = readonly [id: string, fragment: JSX.Element]

export interface Fragments {
  fragments: readonly Fragment[]
  /** True while something is in progress: then updates come more often. */
  hurry: boolean
}

/** At most four updates a second during an import, one otherwise. */
const HURRY_MS = 250
const CALM_MS = 1000
/** Shows both ends that the connection is alive. */
const ALIVE_MS = 10_000

/**
 * Sends each fragment that has changed since the page was rendered, until the browser disconnects. `token` is for the forms.
 * If `look` fails, the stream ends: the page shows that it is interrupted, and reconnects.
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

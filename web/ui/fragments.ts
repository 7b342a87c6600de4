import type { SSEStreamingApi } from 'hono/streaming'
import type { Log } from '../../log.ts'
import type { LiveLook, LiveLooks, Watched } from './live-looks.ts'

/** Shows both ends that the connection is alive. */
const ALIVE_MS = 9_000

interface Viewer {
  looks: LiveLooks
  page: Watched
  /** For the forms of this session. */
  token: string | null
  log: Log
}

/**
 * Sends each fragment that has changed since the last time, until the browser disconnects. If `look` fails, the stream
 * ends: the page shows that it is interrupted, and reconnects.
 */
export async function sendFragments(stream: SSEStreamingApi, viewer: Viewer, look: LiveLook): Promise<void> {
  try {
    await sendUntilClosed(stream, viewer, look)
  } catch (error) {
    viewer.log.warn({ err: error }, 'live page interrupted')
  }
}

async function sendUntilClosed(stream: SSEStreamingApi, { looks, page, token }: Viewer, look: LiveLook): Promise<void> {
  const sent = new Map<string, string>()
  let heardOf = 0
  const watching = looks.watch(page, look)
  const closed = new Promise<null>((resolve) => stream.onAbort(() => resolve(null)))
  try {
    for (;;) {
      const shown = await Promise.race([watching.next(), closed])
      if (shown === null || stream.aborted || stream.closed) return
      if (shown.reload) await stream.writeSSE({ event: 'reload', data: '' })
      for (const [id, html] of shown.fragments) {
        if (sent.get(id) === html) continue
        sent.set(id, html)
        heardOf = performance.now()
        await stream.writeSSE({ event: 'fragment', data: JSON.stringify(looks.withToken(html, token)) })
      }
      if (performance.now() - heardOf > ALIVE_MS) {
        heardOf = performance.now()
        await stream.writeSSE({ event: 'alive', data: '' })
      }
    }
  } finally {
    watching.leave()
  }
}

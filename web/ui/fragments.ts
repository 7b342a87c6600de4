import type { SSEStreamingApi } from 'hono/streaming'
import type { Log } from '../../log.ts'
import type { LiveLook, LiveLooks, Watched } from './live-looks.ts'
import type { ServerHealth } from './server-health.ts'
import { healthFragments } from './side-foot.tsx'

/** Shows both ends that the connection is alive, and the page the health of the server, for which it need not ask. */
const ALIVE_MS = 9_000

interface Viewer {
  looks: LiveLooks
  page: Watched
  /** For the forms of this session. */
  token: string | null
  log: Log
  health: ServerHealth
  now: () => Date
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

async function sendUntilClosed(stream: SSEStreamingApi, viewer: Viewer, look: LiveLook): Promise<void> {
  const { looks, page, token, health, now } = viewer
  const sent = new Map<string, string>()
  let aliveAt = Number.NEGATIVE_INFINITY
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
        await stream.writeSSE({ event: 'fragment', data: JSON.stringify(looks.withToken(html, token)) })
      }
      if (performance.now() - aliveAt > ALIVE_MS) {
        aliveAt = performance.now()
        const part = healthFragments({ health: await health.report(), now: now() })
        await stream.writeSSE({ event: 'alive', data: JSON.stringify(String(part)) })
      }
    }
  } finally {
    watching.leave()
  }
}

import { Hono } from 'hono'
import type { Log } from '../../log.ts'

/** Resolves when this part can do its work, rejects when it cannot. */
export type Readiness = Readonly<Record<string, () => Promise<unknown>>>

const ANSWER_WITHIN_MS = 3000

/** Liveness and readiness, open to all: they name the parts and never say why one fails. */
export function healthRoutes(readiness: Readiness, log: Log) {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const parts = await Promise.all(
        Object.entries(readiness).map(async ([name, check]) => {
          const ready = await inTime(check).catch((error: unknown) => {
            log.warn({ err: error, part: name }, 'part not ready')
            return false
          })
          return [name, ready ? 'ready' : 'not ready'] as const
        }),
      )
      const ready = parts.every(([, state]) => state === 'ready')
      return c.json({ status: ready ? 'ready' : 'not ready', parts: Object.fromEntries(parts) }, ready ? 200 : 503)
    })
}

async function inTime(check: () => Promise<unknown>): Promise<true> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS)
  await Promise.race([
    check(),
    new Promise((_, reject) => {
      late.onabort = () => reject(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`))
    }),
  ])
  return true
}

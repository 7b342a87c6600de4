import { Hono } from 'hono'
import type { Log } from '../../log.ts'
import { Degraded } from '../ui/server-health.ts'

/** Resolves when this part can do its work, rejects when it cannot. */
export type Readiness = Readonly<Record<string, () => Promise<unknown>>>

const ANSWER_WITHIN_MS = 3000

/**
 * Liveness and readiness, open to all. 503 says that this process cannot serve. Where pages and imports still work, as on a
 * full disk, that would take them away too, from all processes at once: then the status is `degraded`, with 200, and the
 * part says why.
 */
export function healthRoutes(readiness: Readiness, log: Log) {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const parts = await Promise.all(
        Object.entries(readiness).map(async ([name, check]) => {
          const state = await inTime(check).then(
            () => 'ready',
            (error: unknown) => {
              log.warn({ err: error, part: name }, 'part not ready')
              return error instanceof Degraded ? error.message : 'not ready'
            },
          )
          return [name, state] as const
        }),
      )
      const states = parts.map(([, state]) => state)
      const status = states.includes('not ready')
        ? 'not ready'
        : states.every((state) => state === 'ready')
          ? 'ready'
          : 'degraded'
      return c.json({ status, parts: Object.fromEntries(parts) }, status === 'not ready' ? 503 : 200)
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

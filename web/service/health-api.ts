import { Hono } from 'hono'
import type { Log } from '../../log.ts'
import { Degraded } from '../ui/server-health.ts'

/** Resolves when this part can do its work, rejects when it cannot. */
export type Readiness = Readonly<Record<string, () => Promise<unknown>>>

const ANSWER_WITHIN_MS = 3000
const READY = 'ready'

/**
 * Liveness and readiness, open to all. 503 says that this process cannot serve. Where pages and imports still work, as on a
 * full disk, that would take them away too, from all processes at once: then the status is `degraded`, with 200, and the
 * part says why.
 */
export function healthRoutes(readiness: Readiness, log: Log) {
  const states = new Map<string, string>()
  /** Logs changes only: probes ask every few seconds, for as long as a part is in trouble. */
  const tell = (part: string, state: string, error?: unknown) => {
    // Another figure in the reason, such as the free bytes, is no change.
    const kind = state.replace(/[\d.]+/g, '#')
    const before = states.get(part) ?? READY
    states.set(part, kind)
    if (kind === before) return
    if (state === READY) log.info({ part }, 'part ready again')
    else if (error instanceof Degraded) log.warn({ part, reason: state }, 'part not ready')
    else log.warn({ part, reason: (error as Error).message, err: error }, 'part not ready')
  }
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const parts = await Promise.all(
        Object.entries(readiness).map(async ([name, check]) => {
          try {
            await inTime(check)
            tell(name, READY)
            return [name, READY] as const
          } catch (error) {
            const state = error instanceof Degraded ? error.message : 'not ready'
            tell(name, state, error)
            return [name, state] as const
          }
        }),
      )
      const found = parts.map(([, state]) => state)
      const status = found.includes('not ready')
        ? 'not ready'
        : found.every((state) => state === READY)
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

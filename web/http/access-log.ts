import { randomUUID } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Log } from '../../log.ts'
import type { AnyRequest } from './request-context.ts'

/**
 * One line for each request, with the reference that an error page shows. Paths contain Contact IDs and secrets of links,
 * addresses belong to people: neither is logged.
 */
export function accessLog(log: Log): MiddlewareHandler<AnyRequest> {
  return async (c, next) => {
    const begun = performance.now()
    c.set('reference', randomUUID())
    await next()
    const ms = Math.round(performance.now() - begun)
    const { reference } = c.var
    log.info({ method: c.req.method, route: routeOf(c), status: c.res.status, ms, reference }, 'request')
  }
}

/** The pattern that the path matched, `/api/teams/:team`; `-` where it matched none. */
export function routeOf(c: Context): string {
  return matchedRoutes(c).findLast(({ path }) => !path.endsWith('*'))?.path ?? '-'
}

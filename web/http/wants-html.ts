import type { Context } from 'hono'

/** What programs ask for: they are never sent to a page, whatever they say they accept. */
const FOR_PROGRAMS = /^\/(api(\/.*)?|metrics|healthz|readyz|openapi\.json)$/

/** Whether a person with a browser asks, rather than a program. */
export function isPage(c: Context): boolean {
  if (FOR_PROGRAMS.test(c.req.path)) return false
  const accept = c.req.header('Accept') ?? ''
  // The pages post to /run-import, and nobody reads it.
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return c.req.path !== '/run-import' && !accept.includes('json')
  return accept.includes('text/html')
}

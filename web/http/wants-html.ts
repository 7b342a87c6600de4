import type { Context } from 'hono'

/** Paths for programs: never answered with a page, whatever the request accepts. */
const FOR_PROGRAMS = /^\/(api(\/.*)?|metrics|healthz|readyz|openapi\.json)$/

/** True for a person with a browser, false for a program. */
export function wantsHtml(c: Context): boolean {
  if (FOR_PROGRAMS.test(c.req.path)) return false
  const accept = c.req.header('Accept') ?? ''
  // The pages only post to /run-import.
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return c.req.path !== '/run-import' && !accept.includes('json')
  return accept.includes('text/html')
}

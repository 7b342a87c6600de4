import type { Context } from 'hono'

/** True for a person with a browser, false for a program. */
export function wantsHtml(c: Context): boolean {
  if (c.req.path.startsWith('/api/')) return false
  const accept = c.req.header('Accept') ?? ''
  return c.req.method === 'GET' || c.req.method === 'HEAD' ? !accept.includes('json') : accept.includes('text/html')
}

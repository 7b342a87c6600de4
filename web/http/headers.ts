import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'

/** Security headers. Nothing is inline, no script and no style. */
export function safetyHeaders(secure: boolean): MiddlewareHandler {
  const everywhere = headers(secure, {})
  // The stylesheet of the page of the API holds its icons.
  const ofDocs = headers(secure, { imgSrc: ["'self'", 'data:'] })
  return (c, next) => (c.req.path === '/docs' ? ofDocs : everywhere)(c, next)
}

function headers(secure: boolean, more: { imgSrc?: string[] }): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      ...more,
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
      formAction: ["'self'"],
    },
    referrerPolicy: 'same-origin',
    strictTransportSecurity: secure ? 'max-age=31536000' : false,
    xFrameOptions: 'DENY',
  })
}

/** Answers hold personal data, so no cache may keep them. Assets set their own header. */
export function noStore(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-store')
  }
}

/** nginx would hold back a live stream until it has gathered some kilobytes. */
export function unbufferedStreams(): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (c.res.headers.get('Content-Type')?.startsWith('text/event-stream')) c.res.headers.set('X-Accel-Buffering', 'no')
  }
}

import type { MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import type { AnyRequest } from '../request-context.ts'
import { WITH_SECRETS } from '../sessions/pages-with-secrets.ts'
import { wantsHtml } from '../wants-html.ts'

/**
 * Compresses pages. In one that holds a secret beside what a stranger chose, its letters could be guessed from the size of the
 * page (BREACH). Answers to forms stay as they are: some show a new password once.
 */
export function compressedPages(): MiddlewareHandler<AnyRequest> {
  const packed = compress()
  return (c, next) =>
    c.req.method === 'GET' && wantsHtml(c) && !WITH_SECRETS.test(c.req.path) ? packed(c, next) : next()
}

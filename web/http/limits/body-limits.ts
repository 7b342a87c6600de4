import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { AnyRequest } from '../request-context.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** Enough for a password or a code; anybody can send these bodies, without a sign-in. */
const MAX_STRANGERS_BODY_BYTES = 64 * 1024
const STRANGERS_PATH = /^(\/api)?\/(sign-in|session|invitation)$/
const BODY_WITHIN_MS = 30_000

/**
 * Limits for every body before the sender is known: size and time. Compressed bodies are refused, as a small one can unpack
 * into a large one.
 */
export function bodyLimits(withinMs = BODY_WITHIN_MS): MiddlewareHandler<AnyRequest> {
  const ofSize = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge('1 MiB') })
  const ofStrangers = bodyLimit({ maxSize: MAX_STRANGERS_BODY_BYTES, onError: tooLarge('64 KiB') })
  return async (c, next) => {
    if ((c.req.header('Content-Encoding') ?? 'identity') !== 'identity') {
      c.header('Connection', 'close')
      throw new HTTPException(415, { message: 'Compressed bodies are not accepted. Send the body uncompressed.' })
    }
    if (isManualImport(c.req.method, c.req.path)) return next()
    const { incoming } = c.env
    const late = setTimeout(() => incoming.complete || incoming.destroy(), withinMs)
    late.unref()
    incoming.once('close', () => clearTimeout(late))
    return (STRANGERS_PATH.test(c.req.path) ? ofStrangers : ofSize)(c, next)
  }
}

function tooLarge(limit: string): (c: Context) => never {
  return (c) => {
    // The rest of the body is not read, so nothing more can come on this connection.
    c.header('Connection', 'close')
    throw new HTTPException(413, { message: `The body is larger than ${limit}.` })
  }
}

/** The only requests whose bodies may have any size: Manual Import by the API or by its page. */
export function isManualImport(method: string, path: string): boolean {
  const found = /^(\/api)?\/teams\/[^/]+\/manual-import$/.exec(path)
  return found !== null && method === (found[1] ? 'PUT' : 'POST')
}

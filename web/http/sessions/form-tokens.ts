import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { isManualImport } from '../limits/body-limits.ts'
import type { Look } from '../look.ts'
import { Refusal } from '../refusal.ts'
import type { SignedInRequest } from '../request-context.ts'
import { formOf, isForm } from '../requests.ts'
import { wantsHtml } from '../wants-html.ts'
import { FORM_TOKEN, pageBefore, type UnsentForm, unsentFormOf } from './unsent-form.ts'

/** Derives a token per session, which pages of other sites cannot know. */
export class FormTokens {
  readonly #key: Buffer
  /** `secret` is that of the installation. */
  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'rosterport form token', 32))
  }

  /**
   * `session` is the hash of the session secret. Each time another text of the same token: pages are compressed, and what
   * stays the same could be guessed from their sizes bit by bit (BREACH).
   */
  of(session: Buffer): string {
    const token = createHmac('sha256', this.#key).update(session).digest()
    const mask = randomBytes(TOKEN_BYTES)
    return Buffer.concat([mask, masked(token, mask)]).toString('base64url')
  }
}

const TOKEN_BYTES = 32

/** Of a token as `of` writes it; null for any other text. */
function unmasked(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === 2 * TOKEN_BYTES ? masked(bytes.subarray(TOKEN_BYTES), bytes.subarray(0, TOKEN_BYTES)) : null
}

function masked(token: Buffer, mask: Buffer): Buffer {
  return Buffer.from(token.map((byte, at) => byte ^ (mask[at] ?? 0)))
}

/**
 * Accepts a form only with the token of its session, in the hidden field or in the header `X-Form-Token`. Calls of the API
 * are not forms: there `sameOrigin` protects the session.
 */
export function requireFormToken(
  /** For a form of an earlier session: the person may send it again. */
  sendAgain: (form: {
    look: Look
    unsent: UnsentForm
    to: string
    token: string
    email: string
  }) => string | Promise<string>,
): MiddlewareHandler<SignedInRequest> {
  return async (c, next) => {
    const { method, path } = c.req
    // The page of Manual Import checks the token itself, as it reads the multipart form.
    if (method === 'POST' && !isManualImport(method, path) && (!isApi(path) || (await isForm(c)))) {
      const given = c.req.header('X-Form-Token') ?? (await fieldOf(c))
      const token = c.var.formToken
      const unsent =
        given !== null && token !== null && wantsHtml(c) && !isSameToken(given, token) && (await unsentFormOf(c))
      if (unsent) {
        const { email } = c.var.actor
        return c.html(sendAgain({ look: c.var.look, unsent, to: pageBefore(c), token, email }), 403)
      }
      refuseForeignForm(c, given)
    }
    await next()
  }
}

/** Refuses a form without the token of its session. Without a session no token is needed. */
export function refuseForeignForm(c: Context<SignedInRequest>, given: string | null): void {
  const { formToken } = c.var
  if (formToken !== null && (given === null || !isSameToken(given, formToken)))
    throw new Refusal('forbidden', 'This form belongs to an earlier session. Reload the page and send it again.')
}

function isApi(path: string): boolean {
  return path.startsWith('/api/') || path === '/run-import'
}

async function fieldOf(c: Context): Promise<string | null> {
  return (await isForm(c)) ? (await formOf(c)).get(FORM_TOKEN) : null
}

/** Whether two texts are the same token. */
export function isSameToken(given: string, expected: string): boolean {
  const [a, b] = [unmasked(given), unmasked(expected)]
  return a !== null && b !== null && timingSafeEqual(a, b)
}

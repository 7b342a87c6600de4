import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { isManualImport } from '../manual-import/api.ts'
import { FORM_TOKEN } from '../ui/components/form.tsx'
import { Refusal } from './errors.ts'
import type { Signed } from './request-context.ts'
import { isForm } from './requests.ts'

/** Makes what every form of a session holds, and no page of another site can know. */
export class FormTokens {
  readonly #key: Buffer
  /** `secret` is that of the installation. */
  constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'rosterport form token', 32))
  }

  /** `session` is what the session is known by in the database. */
  of(session: Buffer): string {
    return createHmac('sha256', this.#key).update(session).digest('base64url')
  }
}

/**
 * Takes a form of a session only with the token of that session, in its hidden field or in the header `X-Form-Token`. The
 * API is called by programs, which have no form: there the Origin alone tells who asks.
 */
export function ownForms(): MiddlewareHandler<Signed> {
  return async (c, next) => {
    const { method, path } = c.req
    // The token of a form that holds a file is read by whoever reads the file.
    if (method === 'POST' && !isManualImport(method, path) && (!isApi(path) || (await isForm(c))))
      refuseForeignForm(c, c.req.header('X-Form-Token') ?? (await fieldOf(c)))
    await next()
  }
}

/** Goes on only where the form holds the token of the session; where there is no session, no token is needed. */
export function refuseForeignForm(c: Context<Signed>, given: string | null): void {
  const { formToken } = c.var
  if (formToken !== null && (given === null || !isSame(given, formToken)))
    throw new Refusal('forbidden', 'This form belongs to a former session. Load its page again, then send it again.')
}

function isApi(path: string): boolean {
  return path.startsWith('/api/') || path === '/run-import'
}

async function fieldOf(c: Context): Promise<string | null> {
  return (await isForm(c)) ? new URLSearchParams(await c.req.text()).get(FORM_TOKEN) : null
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { unseal } from '../../files/sealed.ts'
import type { Log } from '../../log.ts'
import { audit } from '../../store/audit.ts'
import {
  type Administrator,
  administratorByEmail,
  claim,
  type KnownAdministrator,
} from '../../store/people/administrators.ts'
import { recoveryCodesLeft, takeRecoveryCode } from '../../store/people/recovery-codes.ts'
import { takeTotpStep } from '../../store/people/second-factor.ts'
import { createSession, endSession } from '../../store/people/sessions.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { Throttle } from '../http/limits/throttle.ts'
import { Refusal } from '../http/refusal.ts'
import { type AnyRequest, auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { formBody, jsonBody } from '../http/requests.ts'
import { safeRedirect } from '../http/safe-redirect.ts'
import type { FormTokens } from '../http/sessions/form-tokens.ts'
import { newSecret, type SessionCookie, secretHash } from '../http/sessions/session-cookie.ts'
import { MAX_UNSENT, parseUnsentForm } from '../http/sessions/unsent-form.ts'
import { wantsHtml } from '../http/wants-html.ts'
import type { Passwords } from './passwords.ts'
import { recoveryCodeHash } from './recovery-codes.ts'
import { signInPage } from './sign-in.tsx'
import { totpStep } from './totp.ts'
import { unsentPage } from './unsent.tsx'

export interface SignInParts {
  db: Database
  log: Log
  cookie: SessionCookie
  passwords: Passwords
  throttle: Throttle
  /** The key under which secrets of second factors are sealed. */
  secret: Buffer
  forms: FormTokens
  now: () => Date
}

export const credentials = z.object({
  email: z.string().max(320).describe('E-mail address. Case does not matter.'),
  password: z.string().max(1000).describe('Password.'),
  code: z
    .string()
    .max(60)
    .optional()
    .describe('Code of the authenticator app or a recovery code, if the person uses a second factor.'),
})
const signInForm = credentials.extend({
  to: z.string().max(2000).default('/'),
  unsent: z.string().max(MAX_UNSENT).optional(),
})

/** Signing in, open to all. */
export function signInRoutes(parts: SignInParts) {
  return new Hono<AnyRequest>()
    .get('/sign-in', (c) =>
      c.html(
        signInPage({ look: c.var.look, to: safeRedirect(c.req.query('to')), email: '', fault: null, asksCode: false }),
      ),
    )
    .post('/sign-in', async (c) => {
      const { to, unsent: text, ...given } = await formBody(c, signInForm)
      const unsent = parseUnsentForm(text)
      let secret: string
      try {
        secret = await signIn(parts, c, given)
      } catch (error) {
        if (!(error instanceof Refusal) || !wantsHtml(c)) throw error
        if (error.retryAfterSeconds !== null) c.header('Retry-After', String(error.retryAfterSeconds))
        const asksCode = error.faults.some(({ path }) => path === 'code')
        const page = signInPage({
          look: c.var.look,
          to: safeRedirect(to),
          email: given.email,
          fault: error.message,
          asksCode,
          unsent,
        })
        return c.html(page, error.kind === 'unauthenticated' ? 401 : error.kind === 'too-many' ? 429 : 503)
      }
      if (!unsent) return c.redirect(safeRedirect(to), 303)
      const token = parts.forms.of(secretHash(secret))
      return c.html(unsentPage({ look: c.var.look, unsent, to: safeRedirect(to), token, email: given.email.trim() }))
    })
    .post('/api/session', async (c) => {
      await signIn(parts, c, await jsonBody(c, credentials))
      return c.body(null, 204)
    })
}

/** Signing out, for those who are signed in. */
export function signOutRoutes(db: Database, cookie: SessionCookie) {
  const signOut = async (c: Context<SignedInRequest>) => {
    const { session } = c.var.actor
    if (!session) return
    await db.transaction().execute(async (transaction) => {
      await endSession(transaction, session)
      await auditRequest(transaction, c, { action: 'session.end' })
    })
    cookie.clear(c)
    // The next person at this browser must not see cached pages.
    c.header('Clear-Site-Data', '"cache", "storage"')
  }
  return new Hono<SignedInRequest>()
    .delete('/api/session', async (c) => {
      await signOut(c)
      return c.body(null, 204)
    })
    .post('/sign-out', async (c) => {
      await signOut(c)
      return c.redirect('/sign-in', 303)
    })
}

/** Answers the secret of the new session. */
async function signIn(
  parts: SignInParts,
  c: Context<AnyRequest>,
  { email, password, code }: z.output<typeof credentials>,
): Promise<string> {
  const { db, log, cookie, throttle } = parts
  const { address } = c.var
  refuseTooMany(throttle.attempt(address, email))
  const known = await administratorByEmail(db, email.trim())
  const suspicion = throttle.suspicion(address, email)
  const passwordHash = known?.passwordHash ?? null
  const refused = () => {
    log.warn({ address }, 'sign-in refused')
    return new Refusal('unauthenticated', 'Wrong e-mail address or password.')
  }
  if (!(await parts.passwords.verify(password, passwordHash, suspicion)) || !known || passwordHash === null)
    throw refused()
  await checkSecondFactor(parts, address, known, code)
  throttle.succeeded(address, email)
  const { administrator } = known
  const former = cookie.read(c)
  const secret = newSecret()
  await db.transaction().execute(async (transaction) => {
    if (!(await claim(transaction, administrator.id, passwordHash))) throw refused()
    if (former !== null) await endSession(transaction, secretHash(former))
    const session = {
      tokenHash: secretHash(secret),
      administratorId: administrator.id,
      address,
      userAgent: c.req.header('User-Agent')?.slice(0, 500) ?? null,
    }
    await createSession(transaction, session, parts.now())
    const actor = { name: administrator.email, kind: 'administrator', address } as const
    await audit(transaction, actor, { action: 'session.start' })
  })
  cookie.write(c, secret)
  log.info({ administrator: administrator.id, address }, 'signed in')
  return secret
}

/**
 * The password was right, so the answer may say that a code is missing. The try stays counted until the code is right, too.
 * Someone who knows the password may guess codes from many addresses, so codes are counted per account as well, except
 * where the account has signed in before: its owner still gets in.
 */
async function checkSecondFactor(
  { db, log, secret, throttle, now }: SignInParts,
  address: string,
  { administrator, totpSecret }: KnownAdministrator,
  code: string | undefined,
): Promise<void> {
  if (!totpSecret) return
  if (!code) throw codeRefused('Enter the code that your authenticator app shows.')
  const { id, email } = administrator
  const refused = () => {
    log.warn({ address, administrator: id }, 'second factor refused')
    return codeRefused('Wrong code, or it was used before. Wait for the next one.')
  }
  const recovery = recoveryCodeHash(code)
  if (recovery) {
    if (!(await takeRecovery(db, address, administrator, recovery))) throw refused()
    return
  }
  const isStranger = throttle.suspicion(address, email) > 0
  const anywhere = `codes of ${id}`
  if (isStranger) refuseTooMany(throttle.attempt(anywhere, email))
  const step = totpStep(unseal(secret, 'second factor', id, totpSecret), code, now())
  if (step === null || !(await takeTotpStep(db, id, step))) throw refused()
  if (isStranger) throttle.succeeded(anywhere, email)
}

function refuseTooMany(wait: number | null): void {
  if (wait === null) return
  const seconds = wait === 1 ? '1 second' : `${wait} seconds`
  throw new Refusal('too-many', `Too many attempts. Try again in ${seconds}.`, { retryAfterSeconds: wait })
}

/** False for a wrong or used code. */
async function takeRecovery(
  db: Database,
  address: string,
  { id, email }: Administrator,
  hash: Buffer,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    if (!(await takeRecoveryCode(tx, id, hash))) return false
    const details = { left: await recoveryCodesLeft(tx, id) }
    const actor = { name: email, kind: 'administrator', address } as const
    await audit(tx, actor, { action: 'second-factor.recovery-code-used', subject: email, details })
    return true
  })
}

function codeRefused(message: string): Refusal {
  return new Refusal('unauthenticated', message, { faults: [{ path: 'code', message }] })
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { seal, unseal } from '../../files/sealed.ts'
import { administratorById, type KnownAdministrator } from '../../store/people/administrators.ts'
import { setPassword } from '../../store/people/people.ts'
import { recoveryCodesLeft as codesLeft, replaceRecoveryCodes } from '../../store/people/recovery-codes.ts'
import { proposedTotp, proposeTotp, takeTotpStep, turnTotpOff, turnTotpOn } from '../../store/people/second-factor.ts'
import { endSessionById, endSessionsOf, openSessions, proveSession } from '../../store/people/sessions.ts'
import type { Database } from '../../store/postgres/database.ts'
import { teamById } from '../../store/teams.ts'
import type { Throttle } from '../http/limits/throttle.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, pathId } from '../http/requests.ts'
import { requireSession } from '../http/sessions/recent-password.ts'
import {
  base32,
  chosenPassword,
  newRecoveryCodes,
  newTotpSecret,
  type Passwords,
  recoveryCodeHash,
  totpStep,
  totpUri,
} from '../sign-in/exports.ts'

const givenPassword = z.string().max(1000).describe('Your current password.')
export const newPassword = z.strictObject({
  current: givenPassword,
  password: chosenPassword.describe('New password, 12 to 128 characters, not easy to guess.'),
})
export const withPassword = z.strictObject({ password: givenPassword })
export const secondFactorCode = z.strictObject({
  code: z.string().max(20).describe('Six-digit code that the authenticator app shows now.'),
})

export interface OwnAccountParts {
  db: Database
  passwords: Passwords
  throttle: Throttle
  /** The key under which secrets of second factors are sealed. */
  secret: Buffer
  now: () => Date
}

/** The own account: sessions, password, second factor. */
export function ownAccountRoutes(parts: OwnAccountParts) {
  const { db, passwords, secret, now } = parts
  return new Hono<SignedInRequest>()
    .get('/api/session', async (c) => {
      const { actor } = c.var
      const teams = actor.teams === 'all' ? 'all' : await Promise.all(actor.teams.map((id) => teamById(db, id)))
      return c.json({
        email: actor.email,
        role: actor.owner ? 'owner' : 'admin',
        token: actor.token,
        readOnly: actor.readOnly,
        teams: teams === 'all' ? 'all' : teams.flatMap((team) => team?.team ?? []).sort(),
        mustChangePassword: actor.mustChangePassword,
        secondFactorMissing: actor.secondFactorMissing,
      })
    })
    .post('/api/session/proof', async (c) => {
      requireSession(c)
      const { password } = await jsonBody(c, withPassword)
      await confirmPassword(parts, c, password, 'password')
      return c.body(null, 204)
    })
    .get('/api/sessions', async (c) => {
      requireSession(c)
      const { administratorId, session } = c.var.actor
      return c.json({ items: await openSessions(db, administratorId, session, now()), next: null })
    })
    .delete('/api/sessions/:id', async (c) => {
      requireSession(c)
      const id = pathId(c, 'session')
      await db.transaction().execute(async (tx) => {
        if (!(await endSessionById(tx, c.var.actor.administratorId, id))) throw notFound('session')
        await auditRequest(tx, c, { action: 'session.end' })
      })
      return c.body(null, 204)
    })
    .delete('/api/sessions', async (c) => {
      requireSession(c)
      const { administratorId, session } = c.var.actor
      await db.transaction().execute(async (tx) => {
        await endSessionsOf(tx, administratorId, session)
        await auditRequest(tx, c, { action: 'session.end-others' })
      })
      return c.body(null, 204)
    })
    .put('/api/password', async (c) => {
      requireSession(c)
      const { current, password } = await jsonBody(c, newPassword)
      const { administrator } = await confirmPassword(parts, c, current, 'current')
      if (password.normalize('NFKC') === current.normalize('NFKC'))
        throw wrong('password', 'This is your present password. Choose another.')
      const passwordHash = await passwords.hash(password)
      await db.transaction().execute(async (tx) => {
        await setPassword(tx, administrator.id, passwordHash)
        await endSessionsOf(tx, administrator.id, c.var.actor.session)
        await auditRequest(tx, c, { action: 'password.change', subject: administrator.email })
      })
      return c.body(null, 204)
    })
    .get('/api/second-factor', async (c) => {
      requireSession(c)
      const own = await administratorById(db, c.var.actor.administratorId)
      const recoveryCodesLeft = await codesLeft(db, c.var.actor.administratorId)
      return c.json({ state: own?.totpSecret ? 'on' : 'off', recoveryCodesLeft })
    })
    .post('/api/second-factor', async (c) => {
      requireSession(c)
      const { password } = await jsonBody(c, withPassword)
      const { administrator, totpSecret } = await confirmPassword(parts, c, password, 'password')
      if (totpSecret) throw new Refusal('conflict', 'The second factor is already on. Turn it off first.')
      const made = newTotpSecret()
      await proposeTotp(db, administrator.id, seal(secret, 'second factor', administrator.id, made))
      return c.json({ secret: base32(made), uri: totpUri(made, administrator.email) }, 201)
    })
    .put('/api/second-factor', async (c) => {
      requireSession(c)
      const { code } = await jsonBody(c, secondFactorCode)
      const { administratorId: id, email } = c.var.actor
      const sealed = await proposedTotp(db, id)
      if (!sealed) throw new Refusal('conflict', 'There is no second factor to confirm. Begin with POST.')
      const step = totpStep(unseal(secret, 'second factor', id, sealed), code, now())
      if (step === null) throw wrong('code', 'This is not the code that the app shows now.')
      const recoveryCodes = newRecoveryCodes()
      await db.transaction().execute(async (tx) => {
        if (!(await takeTotpStep(tx, id, step))) throw wrong('code', 'This code was used before. Wait for the next.')
        await turnTotpOn(tx, id)
        await replaceRecoveryCodes(tx, id, hashesOf(recoveryCodes))
        await endSessionsOf(tx, id, c.var.actor.session)
        await auditRequest(tx, c, { action: 'second-factor.on', subject: email })
      })
      return c.json({ state: 'on', recoveryCodes })
    })
    .delete('/api/second-factor', async (c) => {
      requireSession(c)
      const { password } = await jsonBody(c, withPassword)
      const { administrator } = await confirmPassword(parts, c, password, 'password')
      await db.transaction().execute(async (tx) => {
        await turnTotpOff(tx, administrator.id)
        await auditRequest(tx, c, { action: 'second-factor.off', subject: administrator.email })
      })
      return c.body(null, 204)
    })
    .post('/api/recovery-codes', async (c) => {
      requireSession(c)
      const { password } = await jsonBody(c, withPassword)
      const { administrator, totpSecret } = await confirmPassword(parts, c, password, 'password')
      if (!totpSecret) throw new Refusal('conflict', 'Recovery codes need a second factor. Turn it on first.')
      const recoveryCodes = newRecoveryCodes()
      await db.transaction().execute(async (tx) => {
        await replaceRecoveryCodes(tx, administrator.id, hashesOf(recoveryCodes))
        await auditRequest(tx, c, { action: 'second-factor.recovery-codes-made', subject: administrator.email })
      })
      return c.json({ recoveryCodes }, 201)
    })
}

/** Checks the password again, so that someone who finds an unlocked browser cannot take over the account. */
async function confirmPassword(
  { db, passwords, throttle, now }: OwnAccountParts,
  c: Context<SignedInRequest>,
  password: string,
  path: string,
): Promise<KnownAdministrator> {
  const { actor, address } = c.var
  const wait = throttle.attempt(address, actor.email)
  if (wait !== null)
    throw new Refusal('too-many', `Too many attempts. Try again in ${wait} s.`, { retryAfterSeconds: wait })
  const own = await administratorById(db, actor.administratorId)
  if (!own || !(await passwords.verify(password, own.passwordHash))) throw wrong(path, 'This is not your password.')
  throttle.succeeded(address, actor.email)
  if (actor.session) await proveSession(db, actor.session, now())
  return own
}

function hashesOf(codes: readonly string[]): Buffer[] {
  return codes.flatMap((code) => recoveryCodeHash(code) ?? [])
}

function wrong(path: string, message: string): Refusal {
  return new Refusal('invalid', message, { faults: [{ path, message }] })
}

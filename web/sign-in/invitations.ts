import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { audit } from '../../store/audit.ts'
import { invitedPerson, type Person, setPassword, updatePerson, useInvitation } from '../../store/people/people.ts'
import { endSessionsOf } from '../../store/people/sessions.ts'
import { listTokens } from '../../store/people/tokens.ts'
import type { Database } from '../../store/postgres/database.ts'
import { Refusal } from '../http/refusal.ts'
import type { AnyRequest } from '../http/request-context.ts'
import { formBody, jsonBody } from '../http/requests.ts'
import { secretHash } from '../http/sessions/session-cookie.ts'
import { chosenPassword } from './chosen-password.ts'
import { invitationPage } from './invitation.tsx'
import type { Passwords } from './passwords.ts'

const token = z.string().min(1, 'The link is incomplete.').max(200).describe('Last part of the link.')
const name = z.string().trim().max(255).describe('Name, up to 255 characters. Left out: the name in the invitation.')

export const acceptedInvitation = z.strictObject({
  token,
  password: chosenPassword.describe('New password, 12 to 128 characters, not easy to guess.'),
  name: name.optional(),
})
const givenInvitation = acceptedInvitation.extend({ password: z.string() })
const acceptedForm = z.object(givenInvitation.shape)

export interface InvitationParts {
  db: Database
  passwords: Passwords
  now: () => Date
}

/** People set a password with the link of an invitation. Open to all, as they cannot sign in yet. */
export function invitationRoutes(parts: InvitationParts) {
  const { db, now } = parts
  return new Hono<AnyRequest>()
    .get('/invitation/:token', async (c) => {
      const secret = c.req.param('token')
      const person = await invitedPerson(db, secretHash(secret), now())
      if (!person) throw gone()
      return c.html(
        invitationPage({ look: c.var.look, token: secret, email: person.email, name: person.name, fault: null }),
      )
    })
    .post('/invitation', async (c) => {
      const { token, password, name } = await formBody(c, acceptedForm)
      const person = await invitedPerson(db, secretHash(token), now())
      if (!person) throw gone()
      const chosen = chosenPassword.safeParse(password)
      if (!chosen.success) {
        const fault = chosen.error.issues.map(({ message }) => message).join(' ')
        return c.html(
          invitationPage({ look: c.var.look, token, email: person.email, name: name ?? person.name, fault }),
          422,
        )
      }
      await accept(parts, c, person, { token, password: chosen.data, name })
      // A new password ends sessions but no tokens; the person decides about them.
      const { length: tokens } = await listTokens(db, person.id)
      return c.redirect(tokens === 0 ? '/sign-in' : `/sign-in?to=${encodeURIComponent('/account#tokens')}`, 303)
    })
    .post('/api/invitation', async (c) => {
      const given = await jsonBody(c, givenInvitation)
      const person = await invitedPerson(db, secretHash(given.token), now())
      if (!person) throw gone()
      // Only now is the password judged: that takes milliseconds, and anyone can send this request.
      await accept(parts, c, person, acceptedInvitation.parse(given))
      return c.body(null, 204)
    })
}

async function accept(
  { db, passwords }: InvitationParts,
  c: Context<AnyRequest>,
  person: Person,
  { token, password, name }: z.output<typeof acceptedInvitation>,
): Promise<void> {
  const passwordHash = await passwords.hash(password)
  await db.transaction().execute(async (tx) => {
    if (!(await useInvitation(tx, secretHash(token)))) throw gone()
    await setPassword(tx, person.id, passwordHash)
    if (name) await updatePerson(tx, person.id, { name })
    await endSessionsOf(tx, person.id, null)
    const actor = { name: person.email, kind: 'administrator', address: c.var.address } as const
    await audit(tx, actor, { action: 'person.password-chosen', subject: person.email })
  })
}

function gone(): Refusal {
  return new Refusal('not-found', 'This link was used, has expired, or was replaced by a newer one. Ask for a new one.')
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { boundedText } from '../../model/limits/bounded-text.ts'
import type { Team } from '../../model/team.ts'
import { queueNotice } from '../../store/outbox.ts'
import {
  createPerson,
  findPerson,
  giveTeams,
  isOtherOwner,
  listPeople,
  type Person,
  removePerson,
  updatePerson,
} from '../../store/people/people.ts'
import { secondFactorRule, setSecondFactorRule, turnTotpOff } from '../../store/people/second-factor.ts'
import { endSessionById, endSessionsOf, openSessions } from '../../store/people/sessions.ts'
import type { Database } from '../../store/postgres/database.ts'
import { listAnswer } from '../http/answers/list-answer.ts'
import { auditDiff } from '../http/audit-diff.ts'
import type { MailLimit } from '../http/limits/mail-limit.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, limit, pathId, queryOf, textCursor, uuid } from '../http/requests.ts'
import { requireRecentPassword, requireSession } from '../http/sessions/recent-password.ts'
import { invitationLink } from '../sign-in/exports.ts'
import { invitationMail } from './invitation-mail.ts'

const personName = z.string().trim().max(255).describe('Name, up to 255 characters.')
const role = z
  .enum(['owner', 'admin'])
  .describe('`owner`: all teams, people and settings. `admin` (default): the assigned teams.')
const teams = z
  .array(z.string().max(63))
  .max(1000)
  .describe('Short names of the teams that an admin can access. Owners can access all teams.')

export const newPerson = z.strictObject({
  email: boundedText(320).check(z.email('This is not an e-mail address.')).describe('E-mail address, used to sign in.'),
  name: personName.default(''),
  role: role.default('admin'),
  teams: teams.default([]),
})

export const personChanges = z
  .strictObject({
    name: personName,
    role,
    teams,
    secondFactorRequired: z.boolean().describe('True: this person must use a second factor.'),
  })
  .partial()

export const serverSettingsChanges = z
  .strictObject({
    secondFactor: z
      .enum(['optional', 'required'])
      .describe('`optional`: each person decides. `required`: everyone must use a second factor.'),
  })
  .partial()

export const peopleQuery = z.object({ after: textCursor, limit })

const INVITATION_HOURS = 72

export interface PeopleParts {
  db: Database
  publicUrl: URL
  /** True if a mail server is set up. Otherwise the link is shown to the owner who created it. */
  mailLeaves: boolean
  /** Called when there is mail to send. */
  mailQueued: () => void
  mailLimit: MailLimit
  now: () => Date
}

/** People who can sign in, and the server settings; for owners. */
export function peopleRoutes(parts: PeopleParts) {
  const { db, now } = parts
  return new Hono<SignedInRequest>()
    .get('/api/people', async (c) => {
      requireOwner(c)
      return listAnswer(c, queryOf(c, peopleQuery), (part) => listPeople(db, part))
    })
    .post('/api/people', async (c) => {
      requireOwner(c)
      // Every new person gets a link.
      requireSession(c)
      const wanted = await jsonBody(c, newPerson)
      if (wanted.role === 'owner') requireRecentPassword(c, now())
      const given = await teamsOf(c, wanted.teams)
      parts.mailLimit.invitation(c.var.actor.email)
      const made = await db.transaction().execute(async (tx) => {
        const id = await createPerson(tx, { ...wanted, teamIds: given.map((team) => team.id) })
        if (id === null) throw new Refusal('conflict', `There is already a person with the address ${wanted.email}.`)
        await auditRequest(tx, c, { action: 'person.invite', subject: wanted.email, details: wanted })
        const person = await personOf(tx, id)
        return { ...person, ...(await invitation(tx, parts, person)) }
      })
      parts.mailQueued()
      return c.json(made, 201)
    })
    .get('/api/people/:id', async (c) => c.json(await asked(c, db)))
    .patch('/api/people/:id', async (c) => {
      const before = await asked(c, db)
      const { teams: slugs, ...changes } = await jsonBody(c, personChanges)
      if (changes.role === 'owner' && before.role !== 'owner') requireRecentPassword(c, now())
      const teamIds = slugs && (await teamsOf(c, slugs)).map((team) => team.id)
      const after = await db.transaction().execute(async (tx) => {
        if (changes.role === 'admin' && before.role === 'owner') await keepAnOwner(tx, before)
        await updatePerson(tx, before.id, changes)
        if (teamIds) await giveTeams(tx, before.id, teamIds)
        const after = await personOf(tx, before.id)
        const details = auditDiff(before, after)
        await auditRequest(tx, c, { action: 'person.change', subject: before.email, details })
        return after
      })
      return c.json(after)
    })
    .delete('/api/people/:id', async (c) => {
      const person = await asked(c, db)
      await db.transaction().execute(async (tx) => {
        if (person.role === 'owner') await keepAnOwner(tx, person)
        await removePerson(tx, person.id)
        await auditRequest(tx, c, { action: 'person.remove', subject: person.email })
      })
      return c.body(null, 204)
    })
    .post('/api/people/:id/invitation', async (c) => {
      const person = await asked(c, db)
      requireRecentPassword(c, now())
      parts.mailLimit.invitation(c.var.actor.email)
      const made = await db.transaction().execute(async (tx) => {
        await auditRequest(tx, c, { action: 'person.new-link', subject: person.email })
        return invitation(tx, parts, person)
      })
      parts.mailQueued()
      return c.json(made, 201)
    })
    .delete('/api/people/:id/second-factor', async (c) => {
      const person = await asked(c, db)
      requireRecentPassword(c, now())
      await db.transaction().execute(async (tx) => {
        await turnTotpOff(tx, person.id)
        await auditRequest(tx, c, { action: 'person.second-factor-off', subject: person.email })
      })
      return c.body(null, 204)
    })
    .get('/api/people/:id/sessions', async (c) => {
      const person = await asked(c, db)
      return c.json({ items: await openSessions(db, person.id, c.var.actor.session, now()), next: null })
    })
    .delete('/api/people/:id/sessions', async (c) => {
      const person = await asked(c, db)
      await db.transaction().execute(async (tx) => {
        await endSessionsOf(tx, person.id, null)
        await auditRequest(tx, c, { action: 'person.sessions-end', subject: person.email })
      })
      return c.body(null, 204)
    })
    .delete('/api/people/:id/sessions/:session', async (c) => {
      const person = await asked(c, db)
      const session = uuid.safeParse(c.req.param('session'))
      await db.transaction().execute(async (tx) => {
        if (!session.success || !(await endSessionById(tx, person.id, session.data))) throw notFound('session')
        await auditRequest(tx, c, { action: 'person.sessions-end', subject: person.email })
      })
      return c.body(null, 204)
    })
    .get('/api/installation', async (c) => {
      requireOwner(c)
      return c.json({ secondFactor: await secondFactorRule(db) })
    })
    .patch('/api/installation', async (c) => {
      requireOwner(c)
      const { secondFactor } = await jsonBody(c, serverSettingsChanges)
      requireRecentPassword(c, now())
      await db.transaction().execute(async (tx) => {
        const before = await secondFactorRule(tx)
        if (secondFactor) await setSecondFactorRule(tx, secondFactor)
        const details = auditDiff({ secondFactor: before }, { secondFactor: secondFactor ?? before })
        await auditRequest(tx, c, { action: 'installation.change', details })
      })
      return c.json({ secondFactor: await secondFactorRule(db) })
    })
}

/** The person that the path names, for owners. */
async function asked(c: Context<SignedInRequest>, db: Database): Promise<Person> {
  requireOwner(c)
  return personOf(db, pathId(c, 'person'))
}

async function personOf(db: Database, id: string): Promise<Person> {
  const person = await findPerson(db, id)
  if (!person) throw notFound('person')
  return person
}

/** Reports every unknown team at once. */
async function teamsOf(c: Context<SignedInRequest>, slugs: readonly string[]): Promise<Team[]> {
  const found = await Promise.all([...new Set(slugs)].map((slug) => c.var.teams.mine(slug).catch(() => slug)))
  const unknown = found.filter((team) => typeof team === 'string')
  if (unknown.length > 0)
    throw new Refusal('invalid', 'Some teams do not exist.', {
      faults: unknown.map((slug) => ({
        path: `teams.${slugs.indexOf(slug)}`,
        message: `There is no team "${slug}".`,
      })),
    })
  return found.filter((team) => typeof team !== 'string')
}

/** Without any owner, no one could make a new one. */
async function keepAnOwner(tx: Database, person: Person): Promise<void> {
  if (!(await isOtherOwner(tx, person.id)))
    throw new Refusal('conflict', 'This is the only owner. Make another person an owner first.')
}

/** Gives `person` a link to set a password: by mail or, where none leaves the machine, through the owner who asks. Then no file holds it. */
async function invitation(
  tx: Database,
  { publicUrl, mailLeaves, now }: PeopleParts,
  person: Person,
): Promise<{ invitation: { expiresAt: string; link: string | null } }> {
  const expiresAt = new Date(now().getTime() + INVITATION_HOURS * 3_600_000)
  const link = await invitationLink(tx, person.id, expiresAt, publicUrl)
  const told = { expiresAt: expiresAt.toISOString(), link: mailLeaves ? null : link }
  if (!mailLeaves) return { invitation: told }
  const content = invitationMail(person, link, INVITATION_HOURS)
  await queueNotice(tx, { teamId: null, kind: 'invitation', recipients: [person.email], content })
  return { invitation: told }
}

import { Hono } from 'hono'
import { z } from 'zod'
import type { Contact } from '../../model/contact.ts'
import { customFieldsOf } from '../../model/custom-fields.ts'
import { findContact, listContacts, setOptOut } from '../../store/contacts/contact-list.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { attachment, CSV_TYPE } from '../http/answers/attachment.ts'
import { listAnswer } from '../http/answers/list-answer.ts'
import { streamed } from '../http/answers/streamed.ts'
import { auditDiff } from '../http/audit-diff.ts'
import { notFound } from '../http/refusal.ts'
import { auditActor, auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, limit, queryOf, textCursor } from '../http/requests.ts'
import { contactsCsv } from './contacts-csv.ts'

export const contactsQuery = z.object({
  search: z
    .string()
    .max(255)
    .optional()
    .describe(
      'Beginning of a Contact ID, name or mobile number, names in either order, or four digits or more of a number. Accents and case do not matter in names.',
    ),
  after: textCursor,
  limit,
})

export const contactChange = z.strictObject({
  optOut: z
    .strictObject({
      state: z.enum(['opted_in', 'opted_out']).describe('`opted_in`: may receive text messages. `opted_out`: may not.'),
      source: z
        .enum(['contact', 'admin'])
        .describe('Who decided. `contact`: the person, for example with STOP. `admin`: an administrator.'),
    })
    .describe('Opt-out preference to set.'),
})

export function contactRoutes(db: Database) {
  const path = '/api/teams/:team/contacts'
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { search, ...page } = queryOf(c, contactsQuery)
      return listAnswer(c, page, (part) => listContacts(db, team.id, { search, ...part }))
    })
    .get(`${path}.csv`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      await auditRequest(db, c, { action: 'contacts.download', team })
      return c.body(streamed(contactsCsv(db, team.id)), 200, {
        'Content-Type': CSV_TYPE,
        'Content-Disposition': attachment(`${team.team}_contacts.csv`),
      })
    })
    .get(`${path}/:contactId`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const contact = await findContact(db, team.id, c.req.param('contactId'))
      if (!contact) throw notFound('contact')
      const { additionalFields } = await currentSettings(db, team.id)
      return c.json({ ...contact, fields: customFieldsOf(additionalFields, contact.customFields) })
    })
    .patch(`${path}/:contactId`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { optOut } = await jsonBody(c, contactChange)
      const contact = await db.transaction().execute(async (transaction) => {
        const contactId = c.req.param('contactId')
        const before = await findContact(transaction, team.id, contactId)
        const contact = await setOptOut(
          transaction,
          team.id,
          contactId,
          optOut.state,
          optOut.source,
          auditActor(c).name,
        )
        if (!before || !contact) throw notFound('contact')
        const details = auditDiff(preference(before), preference(contact))
        await auditRequest(transaction, c, { action: 'contact.opt-out', team, subject: contactId, details })
        return contact
      })
      return c.json(contact)
    })
}

function preference({ optOut: { state, source } }: Contact) {
  return { state, source }
}

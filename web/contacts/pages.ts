import { Hono } from 'hono'
import { z } from 'zod'
import { findContact, listContacts } from '../../store/contacts/contact-list.ts'
import { type ContactHistory, contactHistory, preferenceImports } from '../../store/contacts/history/contact-history.ts'
import type { Database } from '../../store/postgres/database.ts'
import { findBatch, findRun, listRuns } from '../../store/runs/run-history.ts'
import { currentSettings, settingsOfVersion } from '../../store/settings.ts'
import { listTeamUsers } from '../../store/team-users.ts'
import type { CallApi } from '../http/call-api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody, queryOf, runNumber, textCursor } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { contactPage } from './contact.tsx'
import type { ContactFigures } from './contact-figures.ts'
import { contactsPage } from './contacts.tsx'

const state = z.enum(['opted_in', 'opted_out'])
const text = z.string().trim().max(255).optional()
const listQuery = z.object({
  search: text,
  texting: state.optional(),
  staff: text,
  /** The number of the run that changed them last. */
  run: runNumber,
  after: textCursor,
})
const preference = z.object({ state })

const CONTACTS_PER_PAGE = 50
const RUNS_OFFERED = 10
/** While a Staff ID is typed. */
const USERS_OFFERED = 500

export interface ContactsPageParts extends FrameParts {
  call: CallApi
  contactFigures: ContactFigures
}

export function contactsPages(parts: ContactsPageParts) {
  const { db, call } = parts
  return new Hono<SignedInRequest>()
    .get('/teams/:team/contacts', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { search, texting, staff, run, after } = queryOf(c, listQuery)
      const listed = async () => {
        const of = run === undefined ? null : await listRuns(db, team.id, { before: run + 1, limit: 1 })
        const chosen = of && (of.items.find(({ number }) => number === run) ?? { batches: [] })
        return listContacts(db, team.id, {
          search,
          after,
          limit: CONTACTS_PER_PAGE,
          optedOut: texting && texting === 'opted_out',
          staffId: staff,
          batches: chosen?.batches.map(({ id }) => id),
        })
      }
      const [frame, counts, users, latest, page] = await Promise.all([
        frameOf(c, parts, team),
        parts.contactFigures.of(team.id),
        listTeamUsers(db, team.id, { limit: USERS_OFFERED }),
        listRuns(db, team.id, { limit: RUNS_OFFERED }),
        listed(),
      ])
      const imports = await preferenceImports(db, team.id, page.items)
      const filter = { search: search ?? '', texting: texting ?? '', staff: staff ?? '', run: run?.toString() ?? '' }
      const runs = latest.items.filter(({ batches }) => batches.length > 0)
      const list = { contacts: page.items, imports, next: page.next, after: after ?? null }
      const view = { team, counts, ...list, users: users.items, runs, filter }
      return c.html(contactsPage(frame, view))
    })
    .get('/teams/:team/contacts/:contactId', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const contact = await findContact(db, team.id, c.req.param('contactId'))
      if (!contact) throw notFound('contact')
      const batch = contact.lastBatchId === null ? null : await findBatch(db, contact.lastBatchId)
      const lastRun = batch && (await findRun(db, batch.runId))?.run
      const [frame, settings, history] = await Promise.all([
        frameOf(c, parts, team),
        currentSettings(db, team.id),
        contactHistory(db, team.id, contact),
      ])
      const optOutOfVersions = await optOutOf(db, team.id, history)
      const view = { team, contact, settings, history, optOutOfVersions, lastRun: lastRun ?? null }
      return c.html(contactPage(frame, view))
    })
    .post('/teams/:team/contacts/:contactId', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { state } = await formBody(c, preference)
      const path = `/teams/${team.team}/contacts/${encodeURIComponent(c.req.param('contactId'))}`
      const answer = await call(c, 'PATCH', `/api${path}`, { optOut: { state, source: 'admin' } })
      if (!answer.ok) throw answer.status === 404 ? notFound('contact') : new Refusal('invalid', answer.detail)
      return c.redirect(`${path}?done=contact-changed`, 303)
    })
}

/** The opt-out settings with which the files were read that the history names. */
async function optOutOf(db: Database, teamId: number, { preference, created }: ContactHistory) {
  const versions = new Set([created, ...preference.map(({ by }) => by)].flatMap((by) => by?.settingsVersion ?? []))
  const found = await Promise.all([...versions].map((version) => settingsOfVersion(db, teamId, version)))
  return new Map(found.flatMap((settings) => (settings ? [[settings.version, settings.optOut] as const] : [])))
}

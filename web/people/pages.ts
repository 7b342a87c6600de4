import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { listPeople, type Person } from '../../store/people/people.ts'
import type { CallApi } from '../http/call-api.ts'
import { notFound } from '../http/refusal.ts'
import { requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { formOf, queryOf, textCursor } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { peoplePage } from './people.tsx'
import type { PeopleView } from './view.ts'

const text = z.string().default('')
const newPerson = z.object({ email: text, name: text, role: text })

const listQuery = z.object({ after: textCursor })
/** Each person has a box for each team: a page has room for so many, and for five people at least. */
const BOXES = 4_000
const FEWEST_SHOWN = 5
const MOST_SHOWN = 200

/** The link, in the answers of the API that create one. */
interface Invited {
  invitation: { link: string | null }
}

/** The API call behind each button of a person. */
const ACTS = new Map<string, [method: string, path: string]>([
  ['invitation', ['POST', '/invitation']],
  ['second-factor', ['DELETE', '/second-factor']],
  ['sessions', ['DELETE', '/sessions']],
  ['remove', ['DELETE', '']],
])

export interface PeoplePageParts extends FrameParts {
  call: CallApi
}

/** The people of this server, for owners. */
export function peoplePages(parts: PeoplePageParts) {
  const { db, call } = parts
  const showPeople = async (
    c: Context<SignedInRequest>,
    more: Partial<Pick<PeopleView, 'invited' | 'refused' | 'failed'>> = {},
  ) => {
    requireOwner(c)
    const frame = await frameOf(c, parts)
    const { after } = queryOf(c, listQuery)
    const room = Math.floor(BOXES / Math.max(1, frame.teams.length))
    const limit = Math.max(FEWEST_SHOWN, Math.min(MOST_SHOWN, room))
    const { items, next } = await listPeople(db, { after, limit })
    const list = { people: items, after: after ?? null, next, teams: frame.teams }
    const view = { ...list, invited: null, refused: null, failed: null, ...more }
    return c.html(peoplePage(frame, view), more.refused || more.failed ? 422 : 200)
  }
  const showFailed = async (
    c: Context<SignedInRequest>,
    id: string,
    { status, detail }: { status: number; detail: string },
  ) => {
    const person = await call<Person>(c, 'GET', `/api/people/${encodeURIComponent(id)}`)
    if (status === 404 || !person.ok) throw notFound('person')
    return showPeople(c, { failed: { person: person.body.email, detail } })
  }
  return new Hono<SignedInRequest>()
    .get('/people', (c) => showPeople(c))
    .post('/people', async (c) => {
      requireOwner(c)
      const fields = await formOf(c)
      const form = newPerson.parse(Object.fromEntries(fields))
      const chosen = fields.getAll('team')
      const body = { email: form.email.trim(), name: form.name, role: form.role || 'admin', teams: chosen }
      const answer = await call<Person & Invited>(c, 'POST', '/api/people', body)
      if (answer.ok) return showPeople(c, { invited: { email: answer.body.email, link: answer.body.invitation.link } })
      const on = answer.status === 403 ? 'role' : 'email'
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: on, message: answer.detail }]
      return showPeople(c, { refused: { form, chosen, faults } })
    })
    .post('/people/:id/change', async (c) => {
      requireOwner(c)
      const fields = await formOf(c)
      const body = { role: fields.get('role') ?? '', teams: fields.getAll('team') }
      const id = c.req.param('id')
      const answer = await call(c, 'PATCH', `/api/people/${encodeURIComponent(id)}`, body)
      return answer.ok ? c.redirect('/people?done=person-changed', 303) : showFailed(c, id, answer)
    })
    .post('/people/:id/:act', async (c) => {
      requireOwner(c)
      const { id, act } = c.req.param()
      const asked = ACTS.get(act)
      if (!asked) throw notFound('page')
      const [method, path] = asked
      const at = `/api/people/${encodeURIComponent(id)}`
      const person = await call<Person>(c, 'GET', at)
      const answer = await call<Invited>(c, method, at + path)
      if (!answer.ok) return showFailed(c, id, answer)
      if (act === 'invitation' && person.ok)
        return showPeople(c, { invited: { email: person.body.email, link: answer.body.invitation.link } })
      return c.redirect('/people', 303)
    })
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { listPeople } from '../../store/people/people.ts'
import { secondFactorRule } from '../../store/people/second-factor.ts'
import { listTeams } from '../../store/teams.ts'
import { notFound, Refusal } from '../http/errors.ts'
import { ownersOnly, type Signed } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import type { PageParts } from '../parts.ts'
import { settingsPage } from '../service/settings.tsx'
import { type TeamsView, teamsPage } from '../teams/teams.tsx'
import { frameOf } from '../ui/frame.ts'
import { type PeopleView, peoplePage } from './people.tsx'

const text = z.string().default('')
const newTeam = z.object({ name: text, team: text, timeZone: text })
const newPerson = z.object({ email: text, name: text, role: text })
const installation = z.object({ secondFactor: z.enum(['optional', 'required']) })

const SHOWN = 500

/** What each button of a person asks of the API. */
const ACTS: Record<string, [method: string, path: string]> = {
  invitation: ['POST', '/invitation'],
  'second-factor': ['DELETE', '/second-factor'],
  sessions: ['DELETE', '/sessions'],
  remove: ['DELETE', ''],
}

/** The pages of owners: teams, people, and the settings of the installation. */
export function ownerPages(parts: PageParts) {
  const { db, call, server } = parts
  const showTeams = async (c: Context<Signed>, refused: TeamsView['refused'] = null) => {
    ownersOnly(c)
    const { items } = await listTeams(db, c.var.teams.ids, { limit: SHOWN })
    return c.html(teamsPage(await frameOf(c, parts), { teams: items, refused }), refused ? 422 : 200)
  }
  const showPeople = async (
    c: Context<Signed>,
    more: Partial<Pick<PeopleView, 'invited' | 'refused' | 'failed'>> = {},
  ) => {
    ownersOnly(c)
    const frame = await frameOf(c, parts)
    const { items } = await listPeople(db, { limit: SHOWN })
    const view = { people: items, teams: frame.teams, invited: null, refused: null, failed: null, ...more }
    return c.html(peoplePage(frame, view), more.refused || more.failed ? 422 : 200)
  }
  const showFailed = async (c: Context<Signed>, id: string, { status, detail }: { status: number; detail: string }) => {
    const person = await call(c, 'GET', `/api/people/${encodeURIComponent(id)}`)
    if (status === 404 || !person.ok) throw notFound('person')
    return showPeople(c, { failed: { person: person.body.email, detail } })
  }
  return new Hono<Signed>()
    .get('/teams', (c) => showTeams(c))
    .post('/teams', async (c) => {
      ownersOnly(c)
      const form = await formBody(c, newTeam)
      const answer = await call(c, 'POST', '/api/teams', form)
      if (answer.ok) return c.redirect(`/teams/${answer.body.team}/imports?done=team-created`, 303)
      if (answer.status === 403) throw new Refusal('forbidden', answer.detail)
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: 'team', message: answer.detail }]
      return showTeams(c, { form, faults })
    })
    .get('/people', (c) => showPeople(c))
    .post('/people', async (c) => {
      ownersOnly(c)
      const fields = new URLSearchParams(await c.req.text())
      const form = newPerson.parse(Object.fromEntries(fields))
      const chosen = fields.getAll('team')
      const body = { email: form.email.trim(), name: form.name, role: form.role || 'admin', teams: chosen }
      const answer = await call(c, 'POST', '/api/people', body)
      if (answer.ok) return showPeople(c, { invited: { email: answer.body.email, link: answer.body.invitation.link } })
      const on = answer.status === 403 ? 'role' : 'email'
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: on, message: answer.detail }]
      return showPeople(c, { refused: { form, chosen, faults } })
    })
    .post('/people/:id/change', async (c) => {
      ownersOnly(c)
      const fields = new URLSearchParams(await c.req.text())
      const body = { role: fields.get('role') ?? '', teams: fields.getAll('team') }
      const id = c.req.param('id')
      const answer = await call(c, 'PATCH', `/api/people/${encodeURIComponent(id)}`, body)
      return answer.ok ? c.redirect('/people?done=person-changed', 303) : showFailed(c, id, answer)
    })
    .post('/people/:id/:act', async (c) => {
      ownersOnly(c)
      const { id, act } = c.req.param()
      const asked = ACTS[act]
      if (!asked) throw notFound('page')
      const [method, path] = asked
      const person = await call(c, 'GET', `/api/people/${id}`)
      const answer = await call(c, method, `/api/people/${id}${path}`)
      if (!answer.ok) return showFailed(c, id, answer)
      if (act === 'invitation' && person.ok)
        return showPeople(c, { invited: { email: person.body.email, link: answer.body.invitation.link } })
      return c.redirect('/people', 303)
    })
    .get('/settings', async (c) => {
      ownersOnly(c)
      return c.html(settingsPage(await frameOf(c, parts), { server, secondFactor: await secondFactorRule(db) }))
    })
    .post('/settings', async (c) => {
      ownersOnly(c)
      const answer = await call(c, 'PATCH', '/api/installation', await formBody(c, installation))
      if (!answer.ok) throw new Refusal('forbidden', answer.detail)
      return c.redirect('/settings?done=settings-saved', 303)
    })
}

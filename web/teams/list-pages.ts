import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { listTeams } from '../../store/teams.ts'
import type { CallApi } from '../http/call-api.ts'
import { Refusal } from '../http/refusal.ts'
import { requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { teamsPage } from './teams.tsx'
import type { TeamsView } from './view.ts'

const text = z.string().default('')
const newTeam = z.object({ name: text, team: text, timeZone: text })

const SHOWN = 500

export interface TeamListParts extends FrameParts {
  call: CallApi
}

/** All teams of this server, for owners. */
export function teamListPages(parts: TeamListParts) {
  const { db, call } = parts
  const showTeams = async (c: Context<SignedInRequest>, refused: TeamsView['refused'] = null) => {
    requireOwner(c)
    const { items } = await listTeams(db, c.var.teams.ids, { limit: SHOWN })
    return c.html(teamsPage(await frameOf(c, parts), { teams: items, refused }), refused ? 422 : 200)
  }
  return new Hono<SignedInRequest>()
    .get('/teams', (c) => showTeams(c))
    .post('/teams', async (c) => {
      requireOwner(c)
      const form = await formBody(c, newTeam)
      const answer = await call<{ team: string }>(c, 'POST', '/api/teams', form)
      if (answer.ok) return c.redirect(`/teams/${answer.body.team}/imports?done=team-created`, 303)
      if (answer.status === 403) throw new Refusal('forbidden', answer.detail)
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: 'team', message: answer.detail }]
      return showTeams(c, { form, faults })
    })
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Team } from '../../model/team.ts'
import type { CallApi } from '../http/call-api.ts'
import { type Fault, Refusal } from '../http/refusal.ts'
import { requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { bytesOfSpace, spaceText, teamPage } from './team.tsx'
import type { TeamForm } from './view.ts'

const text = z.string().default('')
const removal = z.object({ typedName: text })
const form = z.object({ name: text, timeZone: text, space: text, files: text, close: text })

export interface TeamPageParts extends FrameParts {
  call: CallApi
}

/** Name, time zone and limits of a team. */
export function teamPages(parts: TeamPageParts) {
  const path = '/teams/:team/settings'
  const show = async (
    c: Context<SignedInRequest>,
    team: Team,
    given: TeamForm,
    wrong: { faults?: readonly Fault[]; removal?: readonly Fault[] } = {},
  ) => c.html(teamPage(await frameOf(c, parts, team), team, given, wrong), wrong.faults || wrong.removal ? 422 : 200)
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return show(c, team, formOf(team))
    })
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const given = await formBody(c, form)
      const body = {
        name: given.name,
        timeZone: given.timeZone.trim(),
        ...(c.var.actor.owner && limitsOf(given, team)),
      }
      const answer = await parts.call(c, 'PATCH', `/api/teams/${team.team}`, body)
      if (answer.ok) return c.redirect(`${c.req.path}?done=team-changed`, 303)
      if (answer.status === 403) throw new Refusal('forbidden', answer.detail)
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: 'name', message: answer.detail }]
      return show(c, team, given, { faults: faults.map(onField) })
    })
    .post('/teams/:team/delete', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      requireOwner(c)
      const { typedName } = await formBody(c, removal)
      const refuse = (message: string) => show(c, team, formOf(team), { removal: [{ path: 'typedName', message }] })
      if (!isSameName(typedName, team.name)) return refuse(`Type the name of the team as it stands here: ${team.name}`)
      const answer = await parts.call(c, 'DELETE', `/api/teams/${team.team}`)
      return answer.ok ? c.redirect('/teams?done=team-deleted', 303) : refuse(answer.detail)
    })
}

/** However a keyboard or a copy writes its letters and blanks. */
function isSameName(typed: string, name: string): boolean {
  const plain = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim()
  return plain(typed) === plain(name)
}

function limitsOf(given: TeamForm, team: Team) {
  return {
    // An unchanged amount is not rounded.
    ...(given.space !== spaceText(team) && { quotaBytes: bytesOfSpace(given.space) }),
    quotaFiles: figureOf(given.files),
    ftpStrictClose: given.close !== 'lenient',
  }
}

function formOf(team: Team): TeamForm {
  const { name, timeZone, quotaFiles, ftpStrictClose } = team
  const close = ftpStrictClose ? 'strict' : 'lenient'
  return { name, timeZone, space: spaceText(team), files: String(quotaFiles), close }
}

/** -1, which the API refuses, for anything that is not a number. */
function figureOf(typed: string): number {
  return /^\d+(\.\d+)?$/.test(typed.trim()) ? Number(typed) : -1
}

function onField({ path, message }: Fault): Fault {
  switch (path) {
    case 'quotaBytes':
      return { path: 'space', message: 'Enter an amount such as 500 MB or 20 GB.' }
    case 'quotaFiles':
      return { path: 'files', message: 'Enter a whole number, such as 10000.' }
    default:
      return { path, message }
  }
}

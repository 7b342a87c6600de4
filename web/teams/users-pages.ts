import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Team } from '../../model/team.ts'
import { countTeamUsers, listTeamUsers, teamUsers } from '../../store/team-users.ts'
import type { CallApi } from '../http/call-api.ts'
import type { Fault } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formOf, queryOf, textCursor } from '../http/requests.ts'
import { linkTo } from '../ui/components/pager.tsx'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { usersPage } from './users.tsx'
import { linesOf, mergedUsers, NEW_LINE, type UserLine, withoutLine } from './users-form.ts'

const USERS_PER_PAGE = 100
/** Shown at once: each is looked up for each input. */
const MOST_FAULTS = 50

const listQuery = z.object({ search: z.string().trim().max(255).optional(), after: textCursor })

export interface UsersPageParts extends FrameParts {
  call: CallApi
}

/** The users of a team, a page at a time. A form holds the users of its page, and saving it leaves all others alone. */
export function usersPages(parts: UsersPageParts) {
  const { db, call } = parts
  const path = '/teams/:team/users'
  const show = async (
    c: Context<SignedInRequest>,
    team: Team,
    typed: UserLine[] | null,
    faults: readonly Fault[] = [],
  ) => {
    const { search = '', after = null } = queryOf(c, listQuery)
    const page = await listTeamUsers(db, team.id, { search, after: after ?? undefined, limit: USERS_PER_PAGE })
    const saved = page.items.map((user) => ({ ...NEW_LINE, ...user, was: user.staffId }))
    const lines = typed ?? (saved.length > 0 || search !== '' ? saved : [{ ...NEW_LINE }])
    const list = { lines, search, after, next: page.next, count: await countTeamUsers(db, team.id) }
    return c.html(usersPage(await frameOf(c, parts, team), { team, ...list, faults }), faults.length > 0 ? 422 : 200)
  }
  return new Hono<SignedInRequest>()
    .get(path, async (c) => show(c, await c.var.teams.mine(c.req.param('team')), null))
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const form = new Map(await formOf(c))
      const lines = linesOf(form)
      if (form.has('add')) lines.push({ ...NEW_LINE })
      const remove = form.get('remove')
      if (!form.has('save')) return show(c, team, remove === undefined ? lines : withoutLine(lines, Number(remove)))
      const { users, onLines } = mergedUsers(await teamUsers(db, team.id), lines)
      const answer = await call(c, 'PUT', `/api/teams/${team.team}/users`, users)
      if (!answer.ok) {
        const faults = answer.faults.length > 0 ? answer.faults.map(onLines) : [{ path: '', message: answer.detail }]
        return show(c, team, lines, faults.slice(0, MOST_FAULTS))
      }
      const { search = '', after = '' } = queryOf(c, listQuery)
      return c.redirect(linkTo(`/teams/${team.team}/users`, { search, after, done: 'users-saved' }), 303)
    })
}

import { Hono } from 'hono'
import { type TeamUser, teamUsers } from '../../store/team-users.ts'
import type { CallApi } from '../http/call-api.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formOf } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { usersPage } from './users.tsx'
import { MAX_USERS } from './users-api.ts'

/** Shown at once: each is looked up for each input. */
const MOST_FAULTS = 50

const NOBODY: TeamUser = { staffId: '', name: '', email: '' }

export interface UsersPageParts extends FrameParts {
  call: CallApi
}

export function usersPages(parts: UsersPageParts) {
  const { db, call } = parts
  const path = '/teams/:team/users'
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const users = await teamUsers(db, team.id)
      return c.html(
        usersPage(await frameOf(c, parts, team), { team, users: users.length > 0 ? users : [NOBODY], faults: [] }),
      )
    })
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const form = new Map(await formOf(c))
      const users = usersOf(form)
      if (form.has('add')) users.push({ ...NOBODY })
      if (form.has('remove')) users.splice(Number(form.get('remove')), 1)
      if (!form.has('save')) return c.html(usersPage(await frameOf(c, parts, team), { team, users, faults: [] }))
      const wanted = users.filter((user) => Object.values(user).some((value) => value.trim() !== ''))
      const answer = await call(c, 'PUT', `/api/teams/${team.team}/users`, wanted)
      if (answer.ok) return c.redirect(`/teams/${team.team}/users?done=users-saved`, 303)
      const view = { team, users: wanted, faults: answer.faults.slice(0, MOST_FAULTS) }
      return c.html(usersPage(await frameOf(c, parts, team), view), 422)
    })
}

function usersOf(form: ReadonlyMap<string, string>): TeamUser[] {
  const users: TeamUser[] = []
  const text = (name: string) => form.get(name) ?? ''
  for (let index = 0; index <= MAX_USERS && form.has(`${index}.staffId`); index++)
    users.push({ staffId: text(`${index}.staffId`), name: text(`${index}.name`), email: text(`${index}.email`) })
  return users
}

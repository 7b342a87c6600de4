import { Hono } from 'hono'
import { z } from 'zod'
import { boundedText } from '../../model/limits/bounded-text.ts'
import type { Database } from '../../store/postgres/database.ts'
import { replaceTeamUsers, teamUsers } from '../../store/team-users.ts'
import { auditDiff } from '../http/audit-diff.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody } from '../http/requests.ts'

const MAX_USERS = 5_000

const text = z.string().trim().min(1, 'This must not be empty.').max(255)
const staffId = text.describe('ID in the Staff ID column of the files. Must be unique, regardless of case.')

export const users = z
  .array(
    z.strictObject({
      staffId,
      name: text.describe('Name of the user.'),
      email: boundedText(320).check(z.email('This is not an e-mail address.')).describe('E-mail address of the user.'),
    }),
  )
  .max(MAX_USERS)
  .superRefine((list, context) => {
    const seen = new Set<string>()
    list.forEach(({ staffId }, index) => {
      if (seen.has(staffId.toLowerCase()))
        context.addIssue({
          code: 'custom',
          path: [index, 'staffId'],
          message: `The Staff ID "${staffId}" appears twice (case does not matter).`,
        })
      seen.add(staffId.toLowerCase())
    })
  })

export function teamUserRoutes(db: Database) {
  const path = '/api/teams/:team/users'
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return c.json(await teamUsers(db, team.id))
    })
    .put(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const wanted = await jsonBody(c, users)
      await db.transaction().execute(async (tx) => {
        const before = await teamUsers(tx, team.id)
        await replaceTeamUsers(tx, team.id, wanted)
        const details = auditDiff(byStaffId(before), byStaffId(wanted))
        await auditRequest(tx, c, { action: 'team-users.save', team, details })
      })
      return c.json(await teamUsers(db, team.id))
    })
}

function byStaffId(users: readonly { staffId: string; name: string; email: string }[]) {
  return Object.fromEntries(users.map(({ staffId, ...user }) => [staffId, user]))
}

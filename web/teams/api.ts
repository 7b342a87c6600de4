import { Hono } from 'hono'
import { z } from 'zod'
import type { Log } from '../../log.ts'
import { boundedText } from '../../model/limits/bounded-text.ts'
import { isTimeZone, TEAM_SLUG, type Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { unfinishedRun } from '../../store/runs/run-history.ts'
import { createTeam, listTeams, lockTeam, removeTeam, updateTeam } from '../../store/teams.ts'
import { auditDiff } from '../http/audit-diff.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, requireOwner, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, limit, queryOf, textCursor } from '../http/requests.ts'

const name = z
  .string()
  .trim()
  .min(1, 'Enter a team name.')
  .max(255)
  .describe('Name of the team, shown on pages and in recap subjects. 1 to 255 characters.')
const timeZone = boundedText(100)
  .refine(isTimeZone, 'Choose a time zone from the list, such as America/New_York.')
  .describe('IANA time zone of the daily windows, for example `America/New_York`.')

export const newTeam = z.strictObject({
  team: boundedText(63)
    .regex(TEAM_SLUG, 'The short name of a team has 1 to 63 of the characters a-z, 0-9 and -.')
    .describe('Short name, used in addresses: 1 to 63 of a-z, 0-9 and -. Cannot be changed later.'),
  name,
  timeZone,
})

const limits = z
  .strictObject({
    quotaBytes: z.int().min(0).describe('Most bytes that the files of the team may take. Only an owner can change it.'),
    quotaFiles: z
      .int()
      .min(0)
      .max(2_147_483_647)
      .describe('Most files that the team may keep. Only an owner can change it.'),
    ftpStrictClose: z
      .boolean()
      .describe(
        'True: an FTPS upload counts as complete only when the client closes TLS properly. Only an owner can change it.',
      ),
  })
  .partial()

export const teamChanges = z.strictObject({ name, timeZone }).partial().extend(limits.shape)

export const teamsQuery = z.object({ after: textCursor, limit })

/** Gives a new team an empty root: the files of a former team of its name stay hidden from it. */
export type MakeRoot = (team: Team) => Promise<void>

/** Moves the root of a deleted team out of reach of a later team with the same name, if it exists. */
export type SetFilesAside = (team: Team) => Promise<void>

export interface TeamParts {
  db: Database
  log: Log
  makeRoot: MakeRoot
  setFilesAside: SetFilesAside
  /** Called when there is a new team or time zone. */
  scheduleChanged: () => Promise<void>
}

export function teamRoutes({ db, log, makeRoot, setFilesAside, scheduleChanged }: TeamParts) {
  return new Hono<SignedInRequest>()
    .post('/api/teams', async (c) => {
      requireOwner(c)
      const wanted = await jsonBody(c, newTeam)
      const team = await db.transaction().execute(async (transaction) => {
        const team = await createTeam(transaction, wanted)
        if (!team) throw new Refusal('conflict', `There is already a team "${wanted.team}".`)
        await makeRoot(team)
        await auditRequest(transaction, c, { action: 'team.create', team, details: wanted })
        return team
      })
      await scheduleChanged()
      return c.json(shown(team), 201)
    })
    .get('/api/teams', async (c) => {
      const page = await listTeams(db, c.var.teams.ids, queryOf(c, teamsQuery))
      return c.json({ items: page.items.map(shown), next: page.next })
    })
    .get('/api/teams/:team', async (c) => c.json(shown(await c.var.teams.mine(c.req.param('team')))))
    .patch('/api/teams/:team', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const changes = await jsonBody(c, teamChanges)
      // A team that sets its own limits has none.
      if (Object.keys(changes).some((name) => name in limits.shape)) requireOwner(c)
      const changed = await db.transaction().execute(async (transaction) => {
        const changed = await updateTeam(transaction, team.id, changes)
        if (!changed) throw notFound('team')
        const details = auditDiff(shown(team), shown(changed))
        await auditRequest(transaction, c, { action: 'team.change', team, details })
        return changed
      })
      await scheduleChanged()
      return c.json(shown(changed))
    })
    .delete('/api/teams/:team', async (c) => {
      requireOwner(c)
      const team = await c.var.teams.mine(c.req.param('team'))
      // Deleting would wait for the transaction of the batch, however long it takes.
      if (await unfinishedRun(db, team.id))
        throw new Refusal(
          'conflict',
          'A run or an undo of this team is in progress. Delete the team when it has finished.',
        )
      await db.transaction().execute(async (transaction) => {
        if (!(await lockTeam(transaction, team.id))) throw notFound('team')
        await auditRequest(transaction, c, { action: 'team.delete', team, subject: team.name })
        await removeTeam(transaction, team.id)
      })
      await setFilesAside(team).catch((error) =>
        log.warn({ err: error, team: team.team }, 'could not move the files of a deleted team aside'),
      )
      return c.body(null, 204)
    })
}

function shown({ id: _, createdAt, ...team }: Team) {
  return { ...team, createdAt: createdAt.toISOString() }
}

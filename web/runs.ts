import { Hono } from 'hono'
import { z } from 'zod'
import type { Importer } from '../ingest/importer.ts'
import { FIELD_TITLES, unmappedFields } from '../model/import-settings.ts'
import type { Database } from '../store/database.ts'
import { findRun, listRuns } from '../store/run-history.ts'
import { currentSettings } from '../store/settings.ts'
import { Refusal } from './errors.ts'
import { formBody, isForm, jsonBody, limit, numberCursor, pathId, queryOf } from './requests.ts'
import { auditRequest, type Signed } from './signed.ts'

export const runImport = z.object({ team: z.string() })

/** `after` is what `next` goes into on every list; `before` says the same for runs, whose numbers fall. */
export const runsQuery = z.object({ before: numberCursor, after: numberCursor, limit })

export function runRoutes(db: Database, importer: Importer) {
  return new Hono<Signed>()
    .post('/run-import', async (c) => {
      const form = isForm(c)
      const { team: slug } = form ? await formBody(c, runImport) : await jsonBody(c, runImport)
      const team = await c.var.teams.mine(slug)
      await refuseUnmapped(db, team.id)
      const { ok, runId } = await importer.start(team, c.var.actor.email)
      if (ok) await auditRequest(db, c, { action: 'run.start', team, subject: runId })
      if (form) return c.redirect(`/teams/${team.team}/imports`, 303)
      return c.json({ runId }, ok ? 202 : 409) // 409: the run that is going
    })
    .get('/api/teams/:team/runs', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { before, after, limit } = queryOf(c, runsQuery)
      return c.json(await listRuns(db, team.id, { before: before ?? after, limit }))
    })
    .get('/api/runs/:id', async (c) => {
      const { run } = c.var.teams.found('run', await findRun(db, pathId(c, 'run')))
      return c.json(run)
    })
}

/** Refuses what cannot be imported because a required field has no column. */
export async function refuseUnmapped(db: Database, teamId: number): Promise<void> {
  const missing = unmappedFields(await currentSettings(db, teamId))
  if (missing.length === 0) return
  const titles = missing.map((field) => FIELD_TITLES[field])
  throw new Refusal('invalid', `Nothing can be imported yet: ${titles.join(', ')} must be mapped to a column.`, {
    faults: missing.map((field) => ({
      path: `fields.${field}`,
      message: `${FIELD_TITLES[field]} is not mapped to a column.`,
    })),
  })
}

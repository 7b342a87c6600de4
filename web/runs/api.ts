import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { Decided } from '../../ingest/decisions.ts'
import { runEvents } from '../../ingest/run-events.ts'
import type { Importer } from '../../ingest/run-queue.ts'
import { FIELD_TITLES, unmappedFields } from '../../model/import-settings.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { Signals } from '../../store/postgres/signals.ts'
import { findRun, listRuns, type UnfinishedRun } from '../../store/runs/run-history.ts'
import { currentSettings } from '../../store/settings.ts'
import { listAnswer } from '../http/answers/list-answer.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { formBody, isForm, jsonBody, limit, pathId, queryOf, runNumber } from '../http/requests.ts'

export const runImport = z.object({ team: z.string().max(63).describe('Short name of the team.') })

/** `after` works as on every list; `before` is the clearer name, as the numbers of runs fall. */
export const runsQuery = z.object({
  before: runNumber.describe('Only runs with a lower number.'),
  after: runNumber.describe('`next` of the previous page; the same as `before`.'),
  limit,
})

/** Keeps an idle stream alive through proxies. */
const ALIVE_MS = 15_000

export function runRoutes(db: Database, importer: Importer, signals: Pick<Signals, 'subscribe'>) {
  return new Hono<SignedInRequest>()
    .post('/run-import', async (c) => {
      const form = await isForm(c)
      const { team: slug } = form ? await formBody(c, runImport) : await jsonBody(c, runImport)
      const team = await c.var.teams.mine(slug)
      await refuseUnmapped(db, team.id)
      const started = await importer.start(team, c.var.actor.email)
      if (started.ok) await auditRequest(db, c, { action: 'run.start', team, subject: started.runId })
      // The imports page does not show an undo in progress; the page of its run does.
      const inTheWay = !started.ok && started.undoing ? `/runs/${started.runId}` : '/imports'
      if (form) return c.redirect(`/teams/${team.team}${inTheWay}`, 303)
      return startedAnswer(c, started)
    })
    .get('/api/teams/:team/runs', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { before, after, limit } = queryOf(c, runsQuery)
      return listAnswer(c, { after: before ?? after, limit }, (part) =>
        listRuns(db, team.id, { before: runNumber.parse(part.after), limit: part.limit }),
      )
    })
    .get('/api/runs/:id', async (c) => {
      const { run } = c.var.teams.found('run', await findRun(db, pathId(c, 'run')))
      return c.json(run)
    })
    .get('/api/runs/:id/events', async (c) => {
      const { run } = c.var.teams.found('run', await findRun(db, pathId(c, 'run')))
      return streamSSE(c, async (stream) => {
        const closed = new AbortController()
        stream.onAbort(() => closed.abort())
        const alive = setInterval(() => void stream.write(': alive\n\n').catch(() => {}), ALIVE_MS)
        try {
          for await (const { event, data } of runEvents(db, signals, run.id, closed.signal))
            await stream.writeSSE({ event, data: JSON.stringify(data) })
        } finally {
          clearInterval(alive)
        }
      })
    })
    .post('/api/runs/:id/abort', async (c) => {
      const { teamId, run } = c.var.teams.found('run', await findRun(db, pathId(c, 'run')))
      if (!(await importer.abort(run.id))) throw new Refusal('conflict', 'This run has ended already.')
      await auditRequest(db, c, { action: 'run.abort', team: { id: teamId, team: run.team }, subject: run.id })
      return c.json({ runId: run.id }, 202)
    })
}

/** 202 with the run that was started; 409 with the one in progress, or with the reason of a refusal. */
export function startedAnswer(c: Context, decided: Decided) {
  if ('refused' in decided) throw new Refusal('conflict', decided.refused)
  return decided.ok ? c.json({ runId: decided.runId }, 202) : inTheWayAnswer(c, decided)
}

/** 409 with the run or undo that is in progress. */
export function inTheWayAnswer(c: Context, { runId, undoing }: UnfinishedRun) {
  const detail = undoing
    ? 'An import of this team is being undone. Try again when it has finished.'
    : 'A run is already in progress for this team. Try again when it has finished.'
  return c.json({ runId, detail }, 409)
}

/** Refuses an import while a required field has no column. */
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

import { type Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import type { Importer } from '../../ingest/run-queue.ts'
import { previewUndo } from '../../ingest/undo.ts'
import type { Log } from '../../log.ts'
import { isAtWork, type Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { Signals } from '../../store/postgres/signals.ts'
import { findBatch, findRun, listRuns } from '../../store/runs/run-history.ts'
import type { CallApi } from '../http/call-api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { formBody, queryOf, runNumber } from '../http/requests.ts'
import { sendFragments } from '../ui/fragments.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { LiveLooks } from '../ui/live-looks.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import type { LiveProgress } from './live-progress.ts'
import { RunPanel } from './panel.tsx'
import { runPage } from './run.tsx'
import { runsPage } from './runs.tsx'
import { undoPage } from './undo.tsx'
import { runView } from './view.ts'

const shown = ['trouble', 'scheduled', 'on_demand', 'manual'] as const
const listQuery = z.object({ before: runNumber, show: z.enum(shown).optional() })
const decision = z.object({ revision: z.coerce.number().optional() })
const recap = z.object({ batch: z.guid() })

const RUNS_PER_PAGE = 50

export interface RunsPageParts extends FrameParts {
  call: CallApi
  log: Log
  importer: Importer
  progress: LiveProgress
  signals: Pick<Signals, 'subscribe'>
  server: ServerFacts
}

async function hasOtherFigures(db: Database, batchId: string, revision: number): Promise<boolean> {
  const held = (await findBatch(db, batchId))?.batch.held
  return held?.decision === null && held.revision !== revision
}

export function runsPages(parts: RunsPageParts) {
  const { db, call } = parts
  const mine = async (c: Context<SignedInRequest>): Promise<{ team: Team; run: Run }> => {
    const team = await c.var.teams.mine(c.req.param('team') ?? '')
    const id = z.guid().safeParse(c.req.param('runId'))
    const found = id.success ? await findRun(db, id.data) : null
    if (!found || found.teamId !== team.id) throw notFound('run')
    return { team, run: found.run }
  }
  const looks = new LiveLooks(parts.signals)
  return new Hono<SignedInRequest>()
    .get('/teams/:team/runs', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { before, show } = queryOf(c, listQuery)
      const { items, next } = await listRuns(db, team.id, { before, limit: RUNS_PER_PAGE, show })
      const view = { team, runs: items, next, state: show ?? '', before: before === undefined ? null : String(before) }
      return c.html(runsPage(await frameOf(c, parts, team), view))
    })
    .get('/teams/:team/runs/:runId', async (c) => {
      const { team, run } = await mine(c)
      return c.html(
        runPage(await frameOf(c, parts, team), {
          ...(await runView(parts, team, run, parts.now())),
          progress: parts.progress.of(run.id),
        }),
      )
    })
    .get('/teams/:team/runs/:runId/live', async (c: Context<SignedInRequest>) => {
      const { team, run } = await mine(c)
      const zone = () => ({ timeZone: team.timeZone, now: parts.now() })
      const { log, health, now: clock } = parts
      const viewer = { looks, page: { key: run.id, teamId: team.id }, token: c.var.formToken, log, health, now: clock }
      return streamSSE(c, (stream) =>
        sendFragments(stream, viewer, async () => {
          const now = (await findRun(db, run.id))?.run ?? run
          return {
            fragments: [['run-panel', RunPanel({ run: now, team, zone: zone(), progress: parts.progress.of(run.id) })]],
            hurry: true,
            reload: !isAtWork(now),
          }
        }),
      )
    })
    .post('/teams/:team/runs/:runId/abort', async (c) => {
      const { team, run } = await mine(c)
      if (await parts.importer.abort(run.id)) await auditRequest(db, c, { action: 'run.abort', team, subject: run.id })
      return c.redirect(`/teams/${team.team}/imports?done=stopping`, 303)
    })
    .post('/teams/:team/runs/:runId/recap', async (c) => {
      const { team, run } = await mine(c)
      const { batch } = await formBody(c, recap)
      const answer = await call(c, 'POST', `/api/batches/${batch}/recap`)
      if (!answer.ok) throw new Refusal(answer.status === 429 ? 'too-many' : 'conflict', answer.detail)
      return c.redirect(`/teams/${team.team}/runs/${run.id}?done=sent-again`, 303)
    })
    .get('/teams/:team/runs/:runId/batches/:batch/undo', async (c) => {
      const { team, run } = await mine(c)
      const batch = run.batches.find(({ id }) => id === c.req.param('batch'))
      if (!batch) throw notFound('batch')
      const undo = await previewUndo(db, team, batch.id)
      if (!undo.ok) throw new Refusal('conflict', undo.refused)
      return c.html(undoPage(await frameOf(c, parts, team), { team, run, batch, figures: undo.figures }))
    })
    .post('/teams/:team/runs/:runId/batches/:batch/map-and-import', async (c) => {
      const { team } = await mine(c)
      const choice = await formBody(c, z.object({ field: z.string(), column: z.string() }))
      const path = `/api/batches/${c.req.param('batch')}/map-and-import`
      const answer = await call<{ runId: string }>(c, 'POST', path, choice)
      if (!answer.ok) throw new Refusal('conflict', answer.detail)
      return c.redirect(`/teams/${team.team}/runs/${answer.body.runId}`, 303)
    })
    .post('/teams/:team/runs/:runId/batches/:batch/:act', async (c) => {
      const { team, run } = await mine(c)
      if (!['approve', 'discard', 'undo'].includes(c.req.param('act'))) throw notFound('page')
      const { batch, act } = c.req.param()
      const { revision } = await formBody(c, decision)
      const query = act === 'approve' && revision ? `?revision=${revision}` : ''
      const answer = await call<{ runId: string } | null>(
        c,
        'POST',
        `/api/batches/${encodeURIComponent(batch)}/${encodeURIComponent(act)}${query}`,
      )
      const known = run.batches.some(({ id }) => id === batch)
      // The page of the run shows them, and asks again.
      if (!answer.ok && known && revision && (await hasOtherFigures(db, batch, revision)))
        return c.redirect(`/teams/${team.team}/runs/${run.id}?done=checked-again`, 303)
      if (!answer.ok) throw new Refusal('conflict', answer.detail)
      const next = answer.body?.runId ?? run.id
      return c.redirect(`/teams/${team.team}/runs/${next}`, 303)
    })
}

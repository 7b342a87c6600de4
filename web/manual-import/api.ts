import type { IncomingMessage } from 'node:http'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { GivenFile } from '../../ingest/manual-import.ts'
import type { Importer, StartedRun } from '../../ingest/run-queue.ts'
import type { Team } from '../../model/team.ts'
import { nameProblem } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import { unfinishedRun } from '../../store/runs/run-history.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { queryOf } from '../http/requests.ts'
import { inTheWayAnswer, refuseUnmapped, startedAnswer } from '../runs/exports.ts'
import type { ManualFiles } from './manual-files.ts'

export const manualImportQuery = z.object({
  fileName: z
    .string()
    .superRefine((name, context) => {
      const problem = nameProblem(name)
      if (problem) context.addIssue({ code: 'custom', message: `The file name ${problem}.` })
    })
    .describe('Name of the file, shown in the run and the recap.'),
})

/** Time limit for a pause in an upload. */
const STALL_MS = 60_000

export interface ManualImportParts {
  db: Database
  importer: Importer
  manualFiles: ManualFiles
}

export function manualImportRoutes({ db, importer, manualFiles }: ManualImportParts) {
  return new Hono<SignedInRequest>().put('/api/teams/:team/manual-import', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { fileName } = queryOf(c, manualImportQuery)
    await refuseUnmapped(db, team.id)
    const going = await unfinishedRun(db, team.id)
    // A refusal must not wait for gigabytes, so it comes before the end of the body and closes the connection.
    c.header('Connection', 'close')
    if (going) return inTheWayAnswer(c, going)
    const file = await manualFiles.receive(team, fileName, bodyOf(c.env.incoming), expectedBytes(c))
    const started = await startManual(c, { db, importer, manualFiles }, team, file)
    return startedAnswer(c, started)
  })
}

/** Starts the import of an uploaded file. If no run starts, the file is removed. */
export async function startManual(
  c: Context<SignedInRequest>,
  { db, importer, manualFiles }: ManualImportParts,
  team: Team,
  { temporaryName, fileName, bytes, sha256 }: GivenFile,
): Promise<StartedRun> {
  const file = { temporaryName, fileName, bytes, sha256 }
  try {
    const started = await importer.startManual(team, file, c.var.actor.email)
    if (started.ok) {
      const details = { fileName, bytes, sha256 }
      await auditRequest(db, c, { action: 'run.start-manual', team, subject: started.runId, details })
    } else await manualFiles.discard(team, file)
    return started
  } catch (error) {
    await manualFiles.discard(team, file)
    throw error
  }
}

export function expectedBytes(c: Context): number {
  return Number(c.req.header('Content-Length') ?? 0)
}

/** The body as it arrives; throws a refusal if it breaks off. */
export async function* bodyOf(body: IncomingMessage): AsyncGenerator<Buffer> {
  body.setTimeout(STALL_MS, () => body.destroy())
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch (error) {
    if (body.complete || !body.destroyed) throw error
  } finally {
    body.setTimeout(0)
  }
  if (!body.complete) throw new Refusal('malformed', 'The upload was interrupted; nothing was stored.')
}

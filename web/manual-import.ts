import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { z } from 'zod'
import type { FileArea, PendingFile } from '../files/file-area.ts'
import type { Allowance, StorageGuard } from '../files/storage-guard.ts'
import type { Importer } from '../ingest/importer.ts'
import type { Team } from '../model/team.ts'
import { nameProblem } from '../model/team-path.ts'
import type { Database } from '../store/database.ts'
import { unfinishedRun } from '../store/run-history.ts'
import { Refusal } from './errors.ts'
import { queryOf } from './requests.ts'
import { refuseUnmapped } from './runs.ts'
import { auditRequest, type Signed } from './signed.ts'

export const manualImportQuery = z.object({
  fileName: z.string().superRefine((name, context) => {
    const problem = nameProblem(name)
    if (problem) context.addIssue({ code: 'custom', message: `The file name ${problem}.` })
  }),
})

/** Whether this is the one request whose body may have any size. */
export function isManualImport(method: string, path: string): boolean {
  return method === 'PUT' && /^\/api\/teams\/[^/]+\/manual-import$/.test(path)
}

/** How long a browser may send nothing. */
const STALL_MS = 60_000

export interface ManualImportParts {
  db: Database
  importer: Importer
  fileAreaOf: (team: Team) => FileArea
  storage: StorageGuard
}

export function manualImportRoutes({ db, importer, fileAreaOf, storage }: ManualImportParts) {
  return new Hono<Signed>().put('/api/teams/:team/manual-import', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { fileName } = queryOf(c, manualImportQuery)
    await refuseUnmapped(db, team.id)
    const going = await unfinishedRun(db, team.id)
    // Nobody waits for gigabytes that are not wanted: a refusal comes before their end, and nothing after it.
    c.header('Connection', 'close')
    if (going) return c.json({ runId: going }, 409)
    const area = fileAreaOf(team)
    const allowance = await storage.admit(team, area, null, Number(c.req.header('Content-Length') ?? 0))
    const file = await area.receive({ release: true })
    try {
      const sha256 = await received(c.env.incoming, file, allowance)
      await file.seal()
      const { temporaryName, bytes } = file
      const started = await importer.startManual(team, { temporaryName, fileName, bytes, sha256 }, c.var.actor.email)
      if (started.ok) {
        const details = { fileName, bytes, sha256 }
        await auditRequest(db, c, { action: 'run.start-manual', team, subject: started.runId, details })
      } else await file.discard()
      return c.json({ runId: started.runId }, started.ok ? 202 : 409)
    } catch (error) {
      await file.discard()
      throw error
    }
  })
}

/** Writes the body to `file` as fast as both sides can, and answers its hash. Rejects when it breaks off or is not allowed. */
async function received(body: IncomingMessage, file: PendingFile, allowance: Allowance): Promise<string> {
  const hash = createHash('sha256')
  body.setTimeout(STALL_MS, () => body.destroy())
  try {
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      await allowance.take(chunk.length)
      hash.update(chunk)
      await file.write(chunk)
    }
  } catch (error) {
    if (body.complete || !body.destroyed) throw error
  } finally {
    body.setTimeout(0)
  }
  if (!body.complete) throw new Refusal('malformed', 'The upload broke off; nothing was kept of it.')
  return hash.digest('hex')
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { errorFile } from '../ingest/error-file.ts'
import { UNSAVED_SETTINGS } from '../model/import-settings.ts'
import type { Database } from '../store/database.ts'
import { allRecordErrors, type FoundBatch, findBatch, listRecordErrors } from '../store/run-history.ts'
import { settingsOfVersion } from '../store/settings.ts'
import { attachment } from './attachment.ts'
import { limit, numberCursor, pathId, queryOf } from './requests.ts'
import type { Signed } from './signed.ts'
import { streamed } from './streamed.ts'

export const recordErrorsQuery = z.object({ after: numberCursor, limit })

export function batchRoutes(db: Database) {
  const mine = async (c: Context<Signed>): Promise<FoundBatch> =>
    c.var.teams.found('batch', await findBatch(db, pathId(c, 'batch')))
  return new Hono<Signed>()
    .get('/api/batches/:id', async (c) => c.json((await mine(c)).batch))
    .get('/api/batches/:id/errors', async (c) => {
      const { batch } = await mine(c)
      return c.json(await listRecordErrors(db, batch.id, queryOf(c, recordErrorsQuery)))
    })
    .get('/api/batches/:id/errors.csv', async (c) => {
      const { teamId, batch, header } = await mine(c)
      const { file } = (await settingsOfVersion(db, teamId, batch.settingsVersion)) ?? UNSAVED_SETTINGS
      const text = errorFile(header ?? [], file.delimiter, allRecordErrors(db, batch.id))
      return c.body(streamed(text), 200, {
        'Content-Type':
          file.delimiter === 'tab' ? 'text/tab-separated-values; charset=utf-8' : 'text/csv; charset=utf-8',
        'Content-Disposition': attachment(errorFileName(batch.fileName)),
      })
    })
}

function errorFileName(fileName: string): string {
  const dot = fileName.lastIndexOf('.')
  return dot > 0 ? `${fileName.slice(0, dot)}_errors${fileName.slice(dot)}` : `${fileName}_errors.csv`
}

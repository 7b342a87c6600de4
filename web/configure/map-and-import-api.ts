import { Hono } from 'hono'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import { mapAndImport } from '../../ingest/map-and-import.ts'
import type { Importer } from '../../ingest/run-queue.ts'
import { importSettingsBody } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { findBatch } from '../../store/runs/run-history.ts'
import { teamById } from '../../store/teams.ts'
import { notFound } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, pathId } from '../http/requests.ts'
import { startedAnswer } from '../runs/exports.ts'
import { type SettingsParts, saveImportSettings } from './api.ts'

const name = z.string().trim().min(1).max(255)

export const mapAndImportRequest = z.object({
  field: name.describe('Field whose column is missing: as in the import settings, or the name of an additional field.'),
  column: name.describe('Column of the file to take instead, as the header names it.'),
})

export interface MapAndImportParts extends SettingsParts {
  importer: Importer
  fileAreaOf: (team: Team) => FileArea
}

/** Maps a column under another name and imports the rejected file that waits. */
export function mapAndImportRoutes(parts: MapAndImportParts) {
  const { db, importer, fileAreaOf } = parts
  return new Hono<SignedInRequest>().post('/api/batches/:id/map-and-import', async (c) => {
    const { teamId, batch } = c.var.teams.found('batch', await findBatch(db, pathId(c, 'batch')))
    const choice = await jsonBody(c, mapAndImportRequest)
    const team = await teamById(db, teamId)
    if (!team) throw notFound('batch')
    const started = await mapAndImport(db, importer, { team, files: fileAreaOf(team) }, batch.id, choice, {
      by: c.var.actor.email,
      save: async ({ version, ...body }) => {
        const done = await saveImportSettings(c, parts, team, version, importSettingsBody.parse(body))
        return done.ok ? done.settings : null
      },
    })
    if (started.ok)
      await auditRequest(db, c, {
        action: 'batch.map-and-import',
        team,
        subject: batch.id,
        details: { runId: started.runId, ...choice },
      })
    return startedAnswer(c, started)
  })
}

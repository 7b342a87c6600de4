import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import type { CheckStoredFile } from '../../ingest/check-file.ts'
import { approveHeld, discardHeld } from '../../ingest/decisions.ts'
import { writtenType } from '../../ingest/formats/encoding.ts'
import type { GivenFile } from '../../ingest/manual-import.ts'
import type { Importer } from '../../ingest/run-queue.ts'
import { errorFile } from '../../ingest/telling/error-file.ts'
import { previewUndo } from '../../ingest/undo.ts'
import { UNSAVED_SETTINGS } from '../../model/import-settings.ts'
import type { RecordError } from '../../model/record.ts'
import { errorFileName } from '../../model/result-names.ts'
import { notKept } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { repeatRecap } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { sendSignal } from '../../store/postgres/signals.ts'
import { allRecordErrors, type FoundBatch, findBatch, listRecordErrors } from '../../store/runs/run-history.ts'
import { settingsOfVersion } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { attachment } from '../http/answers/attachment.ts'
import { type ListPart, listAnswer } from '../http/answers/list-answer.ts'
import { streamed } from '../http/answers/streamed.ts'
import type { MailLimit } from '../http/limits/mail-limit.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditActor, auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { limit, numberCursor, pathId, queryOf } from '../http/requests.ts'
import { refuseUnmapped, startedAnswer } from './api.ts'

export const recordErrorsQuery = z.object({ after: numberCursor, limit })

export const approvalQuery = z.object({
  revision: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('`held.revision` of the figures that you saw; without it those that the batch has now are approved.'),
})

export interface BatchParts {
  db: Database
  checkStoredFile: CheckStoredFile
  importer: Importer
  fileAreaOf: (team: Team) => FileArea
  /** The recap of a batch as a mail, byte for byte. */
  recapMail: (batchId: string) => Promise<Buffer>
  mailLimit: MailLimit
}

export function batchRoutes({ db, checkStoredFile, importer, fileAreaOf, recapMail, mailLimit }: BatchParts) {
  const teamOf = async ({ teamId }: FoundBatch): Promise<Team> => {
    const team = await teamById(db, teamId)
    if (!team) throw notFound('batch')
    return team
  }
  const mine = async (c: Context<SignedInRequest>): Promise<FoundBatch> =>
    c.var.teams.found('batch', await findBatch(db, pathId(c, 'batch')))
  return new Hono<SignedInRequest>()
    .get('/api/batches/:id', async (c) => c.json((await mine(c)).batch))
    .get('/api/batches/:id/recap', async (c) => {
      const { batch } = await mine(c)
      const body = new Uint8Array(await recapMail(batch.id))
      return c.body(body, 200, { 'Content-Type': 'message/rfc822' })
    })
    .post('/api/batches/:id/recap', async (c) => {
      const found = await mine(c)
      mailLimit.list(c.var.actor.email, found.teamId)
      if (!(await repeatRecap(db, found.batch.id)))
        throw new Refusal(
          'conflict',
          'This batch has no recap: the notification list was empty, or it has not ended yet.',
        )
      await auditRequest(db, c, { action: 'recap.repeat', team: await teamOf(found), subject: found.batch.id })
      await sendSignal(db, { kind: 'mail_queued' })
      return c.body(null, 202)
    })
    .post('/api/batches/:id/approve', async (c) => {
      const found = await mine(c)
      const team = await teamOf(found)
      const files = fileAreaOf(team)
      await refuseUnmapped(db, team.id)
      const check = (file: TeamPath | GivenFile) =>
        checkStoredFile(team, file, { signal: c.req.raw.signal, progress: () => {} })
      const { revision = null } = queryOf(c, approvalQuery)
      const by = c.var.actor.email
      const decided = await approveHeld({ db, importer, files, check }, team, found.batch.id, { by, revision })
      if ('shownAnew' in decided) {
        const problem = { type: 'about:blank', title: 'Conflict', status: 409, detail: decided.shownAnew }
        const body = JSON.stringify({ ...problem, batch: (await mine(c)).batch })
        return c.body(body, 409, { 'Content-Type': 'application/problem+json' })
      }
      if (decided.ok) await auditRequest(db, c, { action: 'batch.approve', team, subject: found.batch.id })
      return startedAnswer(c, decided)
    })
    .post('/api/batches/:id/discard', async (c) => {
      const found = await mine(c)
      const team = await teamOf(found)
      if (!(await discardHeld(db, { team, files: fileAreaOf(team) }, found.batch.id, c.var.actor.email)))
        throw new Refusal('conflict', 'This batch is not held, or it was decided before.')
      await auditRequest(db, c, { action: 'batch.discard', team, subject: found.batch.id })
      return c.body(null, 204)
    })
    .get('/api/batches/:id/undo', async (c) => {
      const found = await mine(c)
      const undo = await previewUndo(db, await teamOf(found), found.batch.id)
      if (!undo.ok) throw new Refusal('conflict', undo.refused)
      return c.json(undo.figures)
    })
    .post('/api/batches/:id/undo', async (c) => {
      const found = await mine(c)
      const { id } = found.batch
      const asker = { email: c.var.actor.email, actor: auditActor(c) }
      const asked = await importer.undo(await teamOf(found), id, asker)
      if (!asked.ok) throw new Refusal('conflict', asked.refused)
      return c.json({ runId: found.runId }, 202, { Location: `/api/batches/${id}` })
    })
    .get('/api/batches/:id/errors', async (c) => {
      const { batch } = await mine(c)
      const beside = { rejected: batch.counts.rejected, kept: batch.errorsKept }
      const part: ListPart<RecordError> = ({ after, limit }) =>
        listRecordErrors(db, batch.id, { after: numberCursor.parse(after), limit })
      return listAnswer(c, queryOf(c, recordErrorsQuery), part, beside)
    })
    .get('/api/batches/:id/errors.csv', async (c) => {
      const { teamId, batch, header } = await mine(c)
      const settings = (await settingsOfVersion(db, teamId, batch.settingsVersion)) ?? UNSAVED_SETTINGS
      const text = errorFile(header ?? [], settings, allRecordErrors(db, batch.id), notKept(batch))
      return c.body(streamed(text), 200, {
        'Content-Type': writtenType(settings.file),
        'Content-Disposition': attachment(errorFileName(batch.fileName, settings)),
      })
    })
}

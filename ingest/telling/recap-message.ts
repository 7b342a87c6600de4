import { gzipSync } from 'node:zlib'
import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import { errorFileName } from '../../model/result-names.ts'
import { type Batch, notKept } from '../../model/run.ts'
import { zonedFormat } from '../../model/wording/zoned-format.ts'
import type { Attachment, Message } from '../../notify/notifier.ts'
import { recapOf } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { importedBefore } from '../../store/runs/batches.ts'
import { errorGroups } from '../../store/runs/run-errors.ts'
import { allRecordErrors, countErrors, findBatch, findRun } from '../../store/runs/run-history.ts'
import { currentSettings, settingsOfVersion } from '../../store/settings.ts'
import { teamById } from '../../store/teams.ts'
import { writtenType } from '../formats/encoding.ts'
import { Outlooks } from '../schedule/outlooks.ts'
import { errorFile } from './error-file.ts'
import type { MessageContent } from './mail-out.ts'
import { passedOver } from './passed-over.ts'
import { recap } from './recap.ts'

/** Mail servers commonly refuse more. */
const MAX_ATTACHMENT_BYTES = 5 * 1024 * 1024
/** The limit for an error file that is too large even when compressed. */
const MAX_ATTACHED_RECORDS = 10_000

/** Writes the recap of a batch from what the database holds of it now, the error file attached unless a server refuses it. */
export async function recapMessage(
  db: Database,
  batchId: string,
  publicUrl: URL,
  { now, attach = true }: { now: Date; attach?: boolean },
): Promise<MessageContent> {
  const found = await findBatch(db, batchId)
  const run = found && (await findRun(db, found.runId))?.run
  const team = found && (await teamById(db, found.teamId))
  if (!found || !run || !team) throw new Error(`batch ${batchId} is gone`)
  const { batch, header } = found
  const settings = await currentSettings(db, team.id)
  const used = (await settingsOfVersion(db, team.id, batch.settingsVersion)) ?? settings
  const { turns } = await new Outlooks(() => 0).of(db, team, settings, now)
  const next = turns.find(({ isOpen }) => !isOpen)
  const identical =
    batch.warnings.W_IDENTICAL_FILE && batch.sha256 ? await importedBefore(db, team.id, batch.sha256, batchId) : null
  const errors = attach ? await attachedErrors(db, batch, header ?? [], used) : null
  const { subject, text, html } = recap({
    team,
    run,
    batch,
    errors: await errorGroups(db, [batchId]),
    errorCodes: await countErrors(db, batchId),
    passedOver: passedOver(run, batch).map(({ path, problem }) => ({ path, reason: problem?.message ?? '' })),
    supersededFiles: run.files.filter(({ verdict }) => verdict === 'superseded').map(({ path }) => path),
    identicalTo: identical?.batchId ?? null,
    fileIsAt: batch.afterImport ? batch.afterImport.path : run.trigger === 'manual' ? null : batch.path,
    nextWindow: next ? `${dayOf(next.opensAt, team.timeZone)}, ${DAILY_WINDOWS[next.name].hours}` : null,
    link: new URL(`/teams/${team.team}/runs/${run.id}`, publicUrl).href,
    errorsAttached: errors?.records ?? 0,
  })
  return {
    subject,
    text,
    html,
    headers: { 'X-Rosterport-Batch': batchId },
    attachments: errors ? [errors.attachment] : [],
  }
}

/** The recap as the mail that was or will be sent; without recipients where none are set. */
export async function recapMailOf(db: Database, batchId: string, content: MessageContent): Promise<Message> {
  const mail = await recapOf(db, batchId)
  return {
    ...content,
    messageId: mail?.message_id ?? `<${batchId}.recap@rosterport>`,
    to: mail?.recipients.map(({ address }) => address) ?? [],
  }
}

/** The error file, if there are errors: whole, else compressed, else cut. */
async function attachedErrors(
  db: Database,
  batch: Batch,
  header: readonly string[],
  settings: ImportSettings,
): Promise<{ attachment: Attachment; records: number } | null> {
  if (batch.errorsKept === 0) return null
  const lines: Buffer[] = []
  let bytes = 0
  let cut: { lines: number; bytes: number } | null = null
  for await (const line of errorFile(header, settings, allRecordErrors(db, batch.id), notKept(batch))) {
    lines.push(line)
    bytes += line.length
    // The header is the first line.
    if (lines.length === MAX_ATTACHED_RECORDS + 1) cut = { lines: lines.length, bytes }
    // Such text compresses to a tenth; more than would fit even then is not gathered.
    if (cut && bytes > 20 * MAX_ATTACHMENT_BYTES) break
  }
  if (lines.length <= 1) return null
  const name = errorFileName(batch.fileName, settings)
  const plain = (content: Buffer, records: number) => ({
    attachment: {
      fileName: name,
      contentType: writtenType(settings.file),
      content,
    },
    records,
  })
  const zipped = (content: Buffer, records: number) => ({
    attachment: { fileName: `${name}.gz`, contentType: 'application/gzip', content: gzipSync(content) },
    records,
  })
  const whole = Buffer.concat(lines)
  if (whole.length <= MAX_ATTACHMENT_BYTES) return plain(whole, lines.length - 1)
  const packed = zipped(whole, lines.length - 1)
  if (!cut || packed.attachment.content.length <= MAX_ATTACHMENT_BYTES) return packed
  return zipped(Buffer.concat(lines.slice(0, cut.lines)), MAX_ATTACHED_RECORDS)
}

const dayOf = zonedFormat('en-US', { weekday: 'short', month: 'short', day: 'numeric' })

import type { FileArea } from '../files/file-area.ts'
import { aliasesOf, type ImportSettings } from '../model/import-settings.ts'
import type { Team } from '../model/team.ts'
import { type TeamPath, teamPath } from '../model/team-path.ts'
import type { Database } from '../store/postgres/database.ts'
import { batchById } from '../store/runs/batches.ts'
import { unfinishedRun } from '../store/runs/run-history.ts'
import { currentSettings } from '../store/settings.ts'
import { uploadById } from '../store/uploads/find-uploads.ts'
import { type Decided, stillStands } from './decisions.ts'
import { mappedIn } from './proposing/missing-columns.ts'
import { openFileHead } from './reading/file-head.ts'
import { BatchProblem } from './records/batch-problem.ts'
import { plainValue } from './records/cell.ts'
import { absentColumns } from './records/column-mapping.ts'
import type { Importer } from './run-queue.ts'

export interface ColumnChoice {
  /** As in the import settings, or the name of an additional field. */
  field: string
  column: string
}

/**
 * Imports the waiting file of a batch that was rejected for a missing column: `column` becomes another name of the field's
 * column, by `save`, and the file is imported under these settings as a run of its own. The guardrails count. `save` answers
 * null if somebody else saved in the meantime.
 */
export async function mapAndImport(
  db: Database,
  importer: Importer,
  { team, files }: { team: Team; files: FileArea },
  batchId: string,
  { field, column }: ColumnChoice,
  { by, save }: { by: string; save: (settings: ImportSettings) => Promise<ImportSettings | null> },
): Promise<Decided> {
  const batch = await batchById(db, batchId)
  if (batch.state !== 'rejected' || !batch.problem?.columns?.some((one) => one.field === field))
    return refused(`This batch was not rejected for a missing column of ${field}.`)
  const upload = batch.upload_id ? await uploadById(db, batch.upload_id) : null
  if (!upload || batch.temporary_name !== null)
    return refused(`${batch.file_name} was given by hand and is not kept. Map the column, and give it again.`)
  if (upload.verdict !== 'rejected' || !(await stillStands(db, files, upload)))
    return refused(`${batch.file_name} was imported, replaced or removed since it was rejected. Nothing was changed.`)
  const settings = await currentSettings(db, team.id)
  const next = await mappedTo(files, upload.path, settings, { field, column })
  if ('refused' in next) return next
  const going = await unfinishedRun(db, team.id)
  if (going) return { ok: false, ...going }
  const saved = next === settings ? settings : await save(next)
  if (!saved)
    return refused('Another person has saved the import settings in the meantime. Nothing was changed: try again.')
  const reason = `Mapped and named by ${by}.`
  const named = {
    uploadId: upload.id,
    temporaryName: null,
    approvedBy: null,
    path: upload.path,
    fileName: batch.file_name,
    bytes: upload.bytes,
    receivedAt: upload.receivedAt,
    settingsVersion: saved.version,
    afterImport: saved.file.afterImport.action,
  }
  return importer.startNamed(team, { found: [{ path: upload.path, verdict: 'claimed', reason }], batches: [named] }, by)
}

/** The settings with the alias; the same ones if the file lacks no column of the field by now. */
async function mappedTo(
  files: FileArea,
  path: TeamPath,
  settings: ImportSettings,
  { field, column }: ColumnChoice,
): Promise<ImportSettings | { ok: false; refused: string }> {
  const content = await files.open(teamPath(path))
  try {
    const { columns } = await openFileHead(content, settings.file)
    if (!absentColumns(columns, settings).some((one) => one.field === field)) return settings
    if (!columns.includes(column))
      return refused(`The file has no column "${plainValue(column)}". Nothing was changed.`)
    const sampled = columns.map((name) => ({ name, values: [] }))
    const user = [...mappedIn(sampled, settings)].find(([, { name }]) => name === column)
    if (user) return refused(`The column "${plainValue(column)}" is already mapped to ${user[0]}. Nothing was changed.`)
    return { ...settings, aliases: { ...settings.aliases, [field]: [...aliasesOf(settings, field), column] } }
  } catch (error) {
    if (error instanceof BatchProblem) return refused(error.message)
    throw error
  } finally {
    await content.close()
  }
}

function refused(reason: string): { ok: false; refused: string } {
  return { ok: false, refused: reason }
}

import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { FileAction, TeamFile } from '../../model/team-file.ts'
import { folderOf, isNeverImported, ROOT, type TeamPath } from '../../model/team-path.ts'
import { NO_ROOM, type Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { lastBatches } from '../../store/runs/batches.ts'
import { currentSettings } from '../../store/settings.ts'
import { brokenUploads, presentUploads } from '../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../store/uploads/held-beside.ts'
import { standsAs } from '../../store/uploads/recognise.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished-uploads.ts'
import { nextSlot, openSlots } from '../schedule/windows.ts'

/** A root that holds more is listed as far as this. */
const MOST_FILES = 5_000

/**
 * Every file and upload of the root, or of `folders` alone, each with one sentence on what becomes of it and one thing to do
 * about it.
 */
export async function teamFiles(
  db: Database,
  files: FileArea,
  team: Team,
  now: Date,
  folders: readonly TeamPath[] | null = null,
): Promise<TeamFile[]> {
  const settings = await currentSettings(db, team.id)
  const when = whenImported(settings, team, now)
  const known = new Map((await presentUploads(db, team.id)).map((upload) => [upload.path, upload]))
  const found: { entry: FileEntry; upload: Upload | null }[] = []
  for await (const entry of filesOf(files, folders)) {
    const upload = known.get(entry.path)
    found.push({ entry, upload: upload && (await standsAs(db, upload, seenFile(files, entry))) ? upload : null })
    if (found.length === MOST_FILES) break
  }
  const batches = await lastBatches(
    db,
    found.flatMap(({ upload }) => (upload ? [upload.id] : [])),
  )
  const standing = found.map(({ entry, upload }): TeamFile => {
    const batch = upload && batches.get(upload.id)
    const { reason, action } = fateOf(entry.path, upload, settings, when, batch?.state === 'undone')
    return {
      path: entry.path,
      bytes: entry.bytes,
      state: 'ready',
      receivedAt: upload?.receivedAt?.toISOString() ?? null,
      verdict: upload?.verdict ?? null,
      reason,
      action,
      batchId: batch?.id ?? null,
    }
  })
  const beside = (await heldBeside(db, team.id)).filter(
    ({ path }) => folders === null || folders.includes(folderOf(path)),
  )
  const decidable = await lastBatches(
    db,
    beside.map(({ id }) => id),
  )
  const held = beside.map(
    (upload): TeamFile => ({
      path: upload.path,
      bytes: upload.bytes,
      state: 'ready',
      receivedAt: upload.receivedAt?.toISOString() ?? null,
      verdict: 'held',
      reason: upload.verdictReason ?? 'It waits for a decision.',
      action: 'approve_or_discard',
      batchId: decidable.get(upload.id)?.id ?? null,
    }),
  )
  const arriving = [...(await unfinishedUploads(db, team.id)), ...(await brokenUploads(db, team.id))]
    .filter(({ path }) => folders === null || folders.includes(folderOf(path)))
    .map(
      (upload): TeamFile => ({
        path: upload.path,
        bytes: upload.bytes,
        state: upload.state,
        receivedAt: null,
        verdict: null,
        ...TRANSFERS[upload.state],
        ...(upload.noRoom && { reason: NO_ROOM[upload.noRoom] }),
        batchId: null,
      }),
    )
  return [...standing, ...held, ...arriving].sort((a, b) => (a.path < b.path ? -1 : 1))
}

interface Fate {
  reason: string
  action: FileAction
}

const TRANSFERS: Record<Upload['state'], Fate> = {
  receiving: { reason: 'It is being received; it is imported once it is whole.', action: 'wait' },
  unconfirmed: { reason: 'It has arrived, and its sender has yet to show that it is whole.', action: 'wait' },
  incomplete: { reason: 'The upload broke off. Nothing was stored; it has to be sent again.', action: 'send_again' },
  ready: { reason: '', action: 'none' },
}

function fateOf(path: TeamPath, upload: Upload | null, settings: ImportSettings, when: string, undone: boolean): Fate {
  const miss = nearMiss(path, settings)
  if (miss) return miss
  if (!upload)
    return {
      reason: 'It was put here by other means and is taken once it has not changed for 60 seconds.',
      action: 'wait',
    }
  const why = upload.verdictReason ?? ''
  switch (upload.verdict) {
    case 'claimed':
      return { reason: 'A run is importing it.', action: 'wait' }
    case 'imported':
      if (undone) return { reason: `It is not imported again by itself. ${why}`, action: 'import_anyway' }
      return { reason: `It was imported and is not imported again. ${why}`.trim(), action: 'open_batch' }
    case 'superseded':
      return { reason: why || 'A newer file was taken instead.', action: 'import_anyway' }
    case 'held':
      return { reason: why || 'It waits for a decision.', action: 'approve_or_discard' }
    case 'rejected':
      if (upload.verdictSettingsVersion === settings.version)
        return { reason: `${why} It is tried again when the file or the settings change.`.trim(), action: 'run_import' }
  }
  const missing = unmappedFields(settings)
  if (missing.length > 0) return { reason: 'It waits: the import of this team is not set up yet.', action: 'none' }
  return { reason: `${when}${why ? ` ${why}` : ''}`, action: 'run_import' }
}

/** Why no run takes a file of this name, and what is missing by how little; null for one that matches. */
export function nearMiss(path: TeamPath, { file }: Pick<ImportSettings, 'file'>): Fate | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const { namePrefix, path: folder } = file
  const begins = name.startsWith(namePrefix)
  if (isNeverImported(name))
    return { reason: 'Hidden and temporary names are never imported; rename it when it is whole.', action: 'rename' }
  if (folderOf(path) !== folder)
    return begins && namePrefix !== ''
      ? { reason: `Its name matches, but it is not in ${folder}, where files are looked for.`, action: 'rename' }
      : { reason: `It is not in ${folder}, where files are looked for.`, action: 'none' }
  if (begins) return null
  if (name.toLowerCase().startsWith(namePrefix.toLowerCase()))
    return { reason: `Its name has to begin with "${namePrefix}": upper and lower case count.`, action: 'rename' }
  if (name.toLowerCase().startsWith(stem(namePrefix).toLowerCase()) && stem(namePrefix) !== '')
    return { reason: `Its name begins almost like "${namePrefix}": the extension differs.`, action: 'rename' }
  return { reason: `Its name does not begin with "${namePrefix}".`, action: 'none' }
}

function stem(prefix: string): string {
  const dot = prefix.lastIndexOf('.')
  return dot > 0 ? prefix.slice(0, dot) : ''
}

function whenImported({ schedule }: ImportSettings, { timeZone }: Team, now: Date): string {
  const [open] = openSlots(schedule, timeZone, now)
  const slot = open ?? nextSlot(schedule, timeZone, now)
  if (!slot) return 'It waits until somebody presses Run Import: no window is switched on.'
  const hours = `${DAILY_WINDOWS[slot.name].hours} (${timeZone})`
  return open
    ? `It is imported in the window that is open now, ${hours}.`
    : `It is imported in the next window, ${hours}.`
}

async function* filesOf(files: FileArea, folders: readonly TeamPath[] | null): AsyncGenerator<FileEntry> {
  if (folders === null) yield* walk(files, ROOT, true)
  else for (const folder of new Set(folders)) yield* walk(files, folder, false)
}

async function* walk(files: FileArea, folder: TeamPath, deep: boolean): AsyncGenerator<FileEntry> {
  const folders: TeamPath[] = []
  try {
    for await (const entry of files.list(folder)) {
      if (entry.kind === 'file') yield entry
      else if (deep) folders.push(entry.path)
    }
  } catch (error) {
    // Removed while it was read.
    if (!(error instanceof FileProblem)) throw error
  }
  for (const inner of folders) yield* walk(files, inner, deep)
}

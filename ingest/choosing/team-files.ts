import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { lastBatches } from '../../store/runs/batches.ts'
import { currentSettings } from '../../store/settings.ts'
import { brokenUploads, lastTakenAt, presentUploads } from '../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../store/uploads/held-beside.ts'
import { standsAs } from '../../store/uploads/recognise.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished-uploads.ts'
import { actionFor, type Fate, factsOf, fateOf, type LaterFate, outlookAt } from './fate.ts'
import { fateWords } from './fate-words.ts'
import { candidateOf } from './list-candidates.ts'
import { selectFiles } from './select-files.ts'

/** A longer listing is cut here. */
const MOST_FILES = 5_000

/**
 * Every file and upload of the root, or of `folders` alone, each with one sentence on its status and one thing to do
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
  const outlook = outlookAt(settings.schedule, team.timeZone, now)
  const known = new Map((await presentUploads(db, team.id)).map((upload) => [upload.path, upload]))
  const found: { entry: FileEntry; upload: Upload | null }[] = []
  for await (const entry of filesOf(files, folders)) {
    const upload = known.get(entry.path)
    found.push({ entry, upload: upload && (await standsAs(db, upload, seenFile(files, entry))) ? upload : null })
    if (found.length === MOST_FILES) break
  }
  const among = ({ path }: Upload) => folders === null || folders.includes(folderOf(path))
  const beside = (await heldBeside(db, team.id)).filter(among)
  const batches = await lastBatches(db, [
    ...found.flatMap(({ upload }) => (upload ? [upload.id] : [])),
    ...beside.map(({ id }) => id),
  ])
  const later = await behindNewer(db, team, settings, [...known.values()])
  const teamFile = (path: TeamPath, upload: Upload | null, bytes: number): TeamFile => {
    const batch = upload && batches.get(upload.id)
    const facts = factsOf(path, upload, batch?.state === 'undone')
    const fate = later.get(upload?.id ?? '') ?? fateOf(facts, settings, outlook)
    return {
      path,
      bytes,
      state: upload?.state ?? 'ready',
      receivedAt: upload?.state === 'ready' ? (upload.receivedAt?.toISOString() ?? null) : null,
      verdict: upload?.verdict ?? null,
      reason: fateWords(fate),
      action: actionFor(fate),
      batchId: batch?.id ?? null,
    }
  }
  const standing = found.map(({ entry, upload }) => teamFile(entry.path, upload, entry.bytes))
  const held = beside.map((upload) => teamFile(upload.path, upload, upload.bytes))
  const arriving = [...(await unfinishedUploads(db, team.id)), ...(await brokenUploads(db, team.id))]
    .filter(among)
    .map((upload) => teamFile(upload.path, upload, upload.bytes))
  return [...standing, ...held, ...arriving].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The fates of files that are not next because of a newer one, by upload. */
async function behindNewer(
  db: Database,
  team: Team,
  settings: ImportSettings,
  uploads: readonly Upload[],
): Promise<Map<string, LaterFate | Fate>> {
  const { path } = settings.file
  const ids = new Map(uploads.map((upload) => [upload.path, upload.id]))
  const inPath = uploads.filter((upload) => folderOf(upload.path) === path)
  const candidates = inPath.map((upload) => ({ ...candidateOf(upload.path, upload), shown: true }))
  const { fates } = selectFiles(candidates, settings, 'scheduled', {
    lastTakenAt: await lastTakenAt(db, team.id, path),
  })
  return new Map(
    fates.flatMap(({ path, fate }) =>
      fate.kind === 'newer_first' || fate.kind === 'superseded' ? [[ids.get(path) ?? '', fate]] : [],
    ),
  )
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

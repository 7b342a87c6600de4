import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import type { Database } from '../../store/postgres/database.ts'
import { type Page, pageOf } from '../../store/postgres/keyset-page.ts'
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

export interface FilesWanted {
  /** These alone, without the folders in them; null: the whole root. */
  folders?: readonly TeamPath[] | null
  /** The cursor of the page before. */
  after?: string | undefined
  limit?: number
}

/**
 * The files and uploads of the root in the order of their paths, each with one sentence on its status and one thing to do
 * about it.
 */
export async function teamFiles(
  db: Database,
  files: FileArea,
  team: Team,
  now: Date,
  { folders = null, after, limit = Number.POSITIVE_INFINITY }: FilesWanted = {},
): Promise<Page<TeamFile>> {
  const behind = after === undefined ? '' : Buffer.from(after, 'base64url').toString()
  const settings = await currentSettings(db, team.id)
  const outlook = outlookAt(settings.schedule, team.timeZone, now)
  const known = new Map((await presentUploads(db, team.id)).map((upload) => [upload.path, upload]))
  const found: { entry: FileEntry; upload: Upload | null }[] = []
  for await (const entry of filesOf(files, folders, behind)) {
    const upload = known.get(entry.path)
    found.push({ entry, upload: upload && (await standsAs(db, upload, seenFile(files, entry))) ? upload : null })
    if (found.length > limit) break
  }
  const among = (upload: Upload) =>
    (folders === null || folders.includes(folderOf(upload.path))) && keyOf(upload.path, upload) > behind
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
  const arriving = [...(await unfinishedUploads(db, team.id)), ...(await brokenUploads(db, team.id))].filter(among)
  const rows = [
    ...found.map(({ entry: { path, bytes }, upload }) => ({ key: keyOf(path), path, upload, bytes })),
    ...[...beside, ...arriving].map((upload) => ({ ...upload, key: keyOf(upload.path, upload), upload })),
  ].sort((a, b) => (a.key < b.key ? -1 : 1))
  return pageOf(
    rows,
    limit,
    ({ key }) => Buffer.from(key).toString('base64url'),
    ({ path, upload, bytes }) => teamFile(path, upload, bytes),
  )
}

/** Orders the list by path; several uploads may have the path of one file. */
function keyOf(path: TeamPath, upload?: Upload): string {
  return `${path}\0${upload?.id ?? ''}`
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

async function* filesOf(
  files: FileArea,
  folders: readonly TeamPath[] | null,
  behind: string,
): AsyncGenerator<FileEntry> {
  if (folders === null) yield* walk(files, ROOT, behind)
  else for (const folder of new Set(folders)) yield* filesIn(files, folder)
}

async function* filesIn(files: FileArea, folder: TeamPath): AsyncGenerator<FileEntry> {
  yield* await entriesOf(files, folder, 'files')
}

/** The files below a folder in the order of their keys, from behind one on; folders that lie before it are not read. */
async function* walk(files: FileArea, folder: TeamPath, behind: string): AsyncGenerator<FileEntry> {
  const keyed = (await entriesOf(files, folder, 'all')).map((entry) => ({
    entry,
    key: entry.kind === 'file' ? keyOf(entry.path) : `${entry.path}/`,
  }))
  for (const { entry, key } of keyed.sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (entry.kind === 'file') {
      if (key > behind) yield entry
    } else if (key > behind || behind.startsWith(key)) yield* walk(files, entry.path, behind)
  }
}

async function entriesOf(files: FileArea, folder: TeamPath, wanted: 'all' | 'files'): Promise<FileEntry[]> {
  const entries: FileEntry[] = []
  try {
    for await (const entry of files.list(folder, wanted)) entries.push(entry)
  } catch (error) {
    // Removed while it was read.
    if (!(error instanceof FileProblem)) throw error
  }
  return entries
}

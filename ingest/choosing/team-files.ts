import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import type { Upload } from '../../model/upload.ts'
import { type Page, pageOf } from '../../store/postgres/keyset-page.ts'
import { brokenUploads, presentUploads } from '../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../store/uploads/held-beside.ts'
import { standsAs } from '../../store/uploads/recognise.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished-uploads.ts'
import { describeFiles, type FateParts, type FileToDescribe } from './describe-files.ts'

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
  parts: FateParts,
  files: FileArea,
  team: Team,
  { folders = null, after, limit = Number.POSITIVE_INFINITY }: FilesWanted = {},
): Promise<Page<TeamFile>> {
  const { db } = parts
  const behind = after === undefined ? '' : Buffer.from(after, 'base64url').toString()
  const known = new Map((await presentUploads(db, team.id)).map((upload) => [upload.path, upload]))
  const found: KeyedFile[] = []
  for await (const entry of filesOf(files, folders, behind)) {
    const upload = known.get(entry.path)
    const isIts = upload !== undefined && (await standsAs(db, upload, seenFile(files, entry)))
    found.push({ key: keyOf(entry.path), path: entry.path, bytes: entry.bytes, upload: isIts ? upload : null })
    if (found.length > limit) break
  }
  const nameless = [...(await heldBeside(db, team.id)), ...(await unfinishedUploads(db, team.id))]
  const broken = await brokenUploads(db, team.id)
  const others: KeyedFile[] = [...nameless.map((upload) => ({ ...upload, kept: null })), ...broken]
    .map((upload) => ({ ...upload, key: keyOf(upload.path, upload), upload }))
    .filter(({ path, key }) => (folders === null || folders.includes(folderOf(path))) && key > behind)
  const rows = [...found, ...others].sort((a, b) => (a.key < b.key ? -1 : 1))
  const described = await describeFiles(parts, team, rows.slice(0, limit + 1))
  const keyed = described.map((file, place) => ({ file, key: rows[place]?.key ?? '' }))
  return pageOf(
    keyed,
    limit,
    ({ key }) => Buffer.from(key).toString('base64url'),
    ({ file }) => file,
  )
}

interface KeyedFile extends FileToDescribe {
  key: string
}

/** Orders the list by path; several uploads may have the path of one file. */
function keyOf(path: TeamPath, upload?: Upload): string {
  return `${path}\0${upload?.id ?? ''}`
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

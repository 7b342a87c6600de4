import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { brokenUploads, presentUploads } from '../../store/uploads/find-uploads.ts'
import { heldBeside } from '../../store/uploads/held-beside.ts'
import { standsAs } from '../../store/uploads/recognise.ts'
import { unfinishedUploads } from '../../store/uploads/unfinished-uploads.ts'
import { describeFiles, type FateParts, type FileToDescribe } from './describe-files.ts'

/** A longer listing is cut here. */
const MOST_FILES = 5_000

/**
 * Every file and upload of the root, or of `folders` alone, each with one sentence on its status and one thing to do
 * about it.
 */
export async function teamFiles(
  parts: FateParts,
  files: FileArea,
  team: Team,
  folders: readonly TeamPath[] | null = null,
): Promise<TeamFile[]> {
  const { db } = parts
  const known = new Map((await presentUploads(db, team.id)).map((upload) => [upload.path, upload]))
  const found: FileToDescribe[] = []
  for await (const entry of filesOf(files, folders)) {
    const upload = known.get(entry.path)
    const isIts = upload !== undefined && (await standsAs(db, upload, seenFile(files, entry)))
    found.push({ path: entry.path, bytes: entry.bytes, upload: isIts ? upload : null })
    if (found.length === MOST_FILES) break
  }
  const nameless = [...(await heldBeside(db, team.id)), ...(await unfinishedUploads(db, team.id))]
  const broken = await brokenUploads(db, team.id)
  const others = [
    ...nameless.map((upload) => ({ path: upload.path, bytes: upload.bytes, upload })),
    ...broken.map((upload) => ({ path: upload.path, bytes: upload.bytes, upload, kept: upload.kept })),
  ].filter(({ path }) => folders === null || folders.includes(folderOf(path)))
  const described = await describeFiles(parts, team, [...found, ...others])
  return described.sort((a, b) => (a.path < b.path ? -1 : 1))
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

import { type FileArea, FileProblem } from '../../files/file-area.ts'
import { nameOf, pathIn, type TeamPath } from '../../model/team-path.ts'
import { sameFile } from '../../model/upload.ts'
import type { ImportedFile } from './index.ts'

/** A folder that holds this many archives of one name and one day is not filled by imports. */
const MOST_NAMES = 10_000

/** Moves the file into the archive folder, with the date in its name; a name that is taken is never overwritten. */
export async function moveFile(files: FileArea, file: ImportedFile, folder: TeamPath, date: string): Promise<TeamPath> {
  await files.makeFolder(folder)
  for (let attempt = 1; attempt <= MOST_NAMES; attempt++) {
    const target = pathIn(folder, archivedName(nameOf(file.path), date, attempt))
    if (await isThere(files, target, file)) return target
    try {
      await files.move(file.path, target, { replace: false })
      return target
    } catch (error) {
      if (!(error instanceof FileProblem && error.kind === 'already-exists')) throw error
    }
  }
  throw new FileProblem('already-exists', folder)
}

/** Whether the file was moved there before a crash. */
async function isThere(files: FileArea, target: TeamPath, { identity }: ImportedFile): Promise<boolean> {
  if (!identity) return false
  return files.stat(target).then(
    (entry) => sameFile(entry.identity, identity),
    () => false,
  )
}

/** File systems refuse a longer name. */
const MAX_NAME_BYTES = 255

/** `StudentData.csv` becomes `StudentData_2026-11-22.csv`, from the second attempt on `StudentData_2026-11-22_2.csv`. */
export function archivedName(name: string, date: string, attempt: number): string {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const suffix = `_${date}${attempt > 1 ? `_${attempt}` : ''}${extension}`
  let stem = dot > 0 ? name.slice(0, dot) : name
  while (Buffer.byteLength(stem + suffix) > MAX_NAME_BYTES) stem = [...stem].slice(0, -1).join('')
  return stem + suffix
}

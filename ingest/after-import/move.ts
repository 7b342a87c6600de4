import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import { nameOf, pathIn, type TeamPath } from '../../model/team-path.ts'
import { type FileIdentity, sameFile } from '../../model/upload.ts'
import type { ImportedFile } from './imported-file.ts'

/** Imports alone never make this many archives of one name and day. */
const MOST_NAMES = 10_000

/**
 * Moves the file into the archive folder, with the date in its name; a name that is taken is never overwritten. Where a
 * crash came in between, the file may have its new name already, or both.
 */
export async function moveFile(files: FileArea, file: ImportedFile, folder: TeamPath, date: string): Promise<TeamPath> {
  await files.makeFolder(folder)
  for (let attempt = 1; attempt <= MOST_NAMES; attempt++) {
    const target = pathIn(folder, archivedName(nameOf(file.path), date, attempt))
    const there = await whatIsAt(files, target, file)
    if (there === 'nothing') {
      if (file.identity) await files.moveThis(file.path, file.identity, target)
      else await files.move(file.path, target, { replace: false })
      return target
    }
    if (there === 'this file') {
      if (file.identity) await files.removeThis(file.path, file.identity, file.sha256)
      return target
    }
  }
  throw new FileProblem('already-exists', folder)
}

async function whatIsAt(
  files: FileArea,
  path: TeamPath,
  file: ImportedFile,
): Promise<'nothing' | 'this file' | 'something else'> {
  try {
    const entry = await files.stat(path)
    if (!file.identity) return 'something else'
    const isThis = sameFile(entry.identity, file.identity) || (await isCopyOf(files, entry, file, file.identity))
    return isThis ? 'this file' : 'something else'
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return 'nothing'
    return 'something else'
  }
}

/**
 * An archive on another file system holds a copy, and so does one that was restored. It has the content of the file and,
 * where that still exists, its time; an archive on the same file system is no copy of an existing file.
 */
async function isCopyOf(
  files: FileArea,
  entry: FileEntry,
  { path, sha256 }: ImportedFile,
  identity: FileIdentity,
): Promise<boolean> {
  if (sha256 === null || entry.kind !== 'file' || entry.bytes !== identity.bytes) return false
  const source = await files.stat(path).catch(() => null)
  if (source && entry.identity.device === identity.device) return false
  if (source && Math.abs(source.modifiedAt.getTime() - entry.modifiedAt.getTime()) > CLOCK_STEP_MS) return false
  return (await seenFile(files, entry).sha256()) === sha256
}

/** A copy keeps its time to the millisecond, rounded either way. */
const CLOCK_STEP_MS = 1

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

import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { Team } from '../../model/team.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { presentUpload } from '../../store/uploads/find-uploads.ts'
import { standsAs } from '../../store/uploads/recognise.ts'
import { uploadsTo } from '../../store/uploads/uploads-to.ts'
import { type FateParts, type FileToDescribe, fatesOf } from './describe-files.ts'
import type { Fate } from './fate.ts'
import { fateWords } from './fate-words.ts'

export interface FileStatus {
  /** The account that uploaded it; null where it came another way. */
  account: string | null
  /** The service wrote it for the sender: every account of the team may know. */
  isOurs: boolean
  /** The code of its fate with its parameters, then a sentence. */
  lines: [code: string, words: string]
}

interface Traced extends FileToDescribe {
  account: string | null
}

/**
 * What was, is or will be done with each file and upload of one path, the latest first. Where nothing is there any more,
 * what an import has made of the last one.
 */
export async function fileStatus(parts: FateParts, files: FileArea, team: Team, path: TeamPath): Promise<FileStatus[]> {
  const { db } = parts
  const entry = await fileAt(files, path)
  const { nameless, imported } = await uploadsTo(db, team.id, path)
  const traced: Traced[] = nameless.map((upload) => ({
    ...{ path, bytes: upload.bytes, upload, kept: upload.kept, account: upload.account },
  }))
  if (entry) {
    const upload = (await presentUpload(db, team.id, path)) ?? null
    const isIts = upload !== null && (await standsAs(db, upload, seenFile(files, entry)))
    const known = isIts ? upload : null
    traced.push({ path, bytes: entry.bytes, upload: known, account: known?.account ?? null })
  } else if (traced.length === 0 && imported)
    traced.push({ path, bytes: imported.bytes, upload: imported, account: imported.account })
  return (await fatesOf(parts, team, traced)).map(({ file, fate }) => ({
    account: file.account,
    isOurs: fate.kind === 'written',
    lines: [codeWithParameters(fate), fateWords(fate)],
  }))
}

async function fileAt(files: FileArea, path: TeamPath): Promise<FileEntry | null> {
  try {
    const entry = await files.stat(path)
    if (entry.kind !== 'file') throw new FileProblem('not-a-file', path)
    return entry
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
}

/** `next_window window=overnight date=2026-11-23 opensAt=2026-11-23T08:00:00.000Z`. */
export function codeWithParameters(fate: Fate): string {
  const told = Object.entries(fate)
    .filter(([name, value]) => !UNTOLD.has(name) && value !== null)
    .map(([name, value]) => `${name}=${shown(value)}`)
  return [fate.kind, ...told].join(' ')
}

/** The code itself, and what only the sentence tells. */
const UNTOLD: ReadonlySet<string> = new Set(['kind', 'why', 'pause'])

function shown(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  const text = String(value)
  return /[\s"]/.test(text) ? JSON.stringify(text) : text
}

import { createHash } from 'node:crypto'
import { type FileArea, type FileEntry, FileProblem } from '../../files/file-area.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { StorageGuard } from '../../files/storage-guard.ts'
import type { Team } from '../../model/team.ts'
import { folderOf, type TeamPath, teamPath } from '../../model/team-path.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { WrittenFileRow } from '../../store/postgres/tables.ts'
import { type Content, noteContent, noteWritten, writtenFile } from '../../store/written/standing-files.ts'

export interface WritingParts {
  db: Database
  storage: Pick<StorageGuard, 'admit'>
}

/** A file of somebody else stands under the name. */
export class NameTaken extends Error {
  override readonly name = 'NameTaken'
}

/**
 * Writes a file of ours into the root of a team: hidden until it is whole, flushed, then under its name in one step, in place
 * of the one that we wrote before. Counts against the quota. Rejects with `NameTaken` where the file there is not ours, and as
 * an upload does where there is no room. The ledger has to have an entry for the path (`due-files.ts`).
 */
export async function writeFile(
  { db, storage }: WritingParts,
  { team, files }: { team: Team; files: FileArea },
  row: WrittenFileRow,
  content: AsyncIterable<Buffer>,
): Promise<void> {
  const path = teamPath(row.path)
  const standing = await standingAt(db, team, files, path)
  await files.makeFolder(folderOf(path))
  const allowance = await storage.admit(team, files, path)
  const pending = await files.receive()
  try {
    const hash = createHash('sha256')
    for await (const chunk of content) {
      await allowance.take(chunk.length)
      hash.update(chunk)
      await pending.write(chunk)
    }
    const { bytes } = await pending.seal()
    const written = { bytes, sha256: hash.digest('hex') }
    await noteContent(db, row.id, written, standing)
    await noteWritten(db, row, written, await pending.publish(path))
  } catch (error) {
    await pending.discard()
    throw error
  }
}

/** What stands under a name of ours. */
async function standingAt(db: Database, team: Team, files: FileArea, path: TeamPath): Promise<Content | null> {
  const entry = await fileAt(files, path)
  if (!entry) return null
  const seen = seenFile(files, entry)
  const isOurs = entry.kind === 'file' && (await writtenFile(db, team.id, seen))
  const sha256 = isOurs ? await seen.sha256() : null
  if (sha256 === null) throw new NameTaken(`Another file stands at ${path}. It is left as it is.`)
  return { bytes: entry.bytes, sha256 }
}

async function fileAt(files: FileArea, path: TeamPath): Promise<FileEntry | null> {
  try {
    return await files.stat(path)
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return null
    throw error
  }
}

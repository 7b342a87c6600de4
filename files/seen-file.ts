import { type SeenFile, sameFile } from '../model/upload.ts'
import type { FileArea, FileEntry, OpenFile } from './file-area.ts'

/** A folder entry as the ledger sees it. */
export function seenFile(files: FileArea, entry: FileEntry): SeenFile {
  let sha256: Promise<string | null> | null = null
  return {
    ...entry,
    sha256() {
      sha256 ??= digestAt(files, entry)
      return sha256
    },
  }
}

/** An opened file as the ledger sees it. */
export function seenOpen(files: FileArea, file: OpenFile): SeenFile {
  return { ...file.entry, sha256: () => files.sha256(file) }
}

/** A file that is gone or unreadable must not stop a look at the others. */
async function digestAt(files: FileArea, { path, identity }: FileEntry): Promise<string | null> {
  try {
    const file = await files.open(path)
    try {
      return sameFile(file.entry.identity, identity) ? await files.sha256(file) : null
    } finally {
      await file.close()
    }
  } catch {
    return null
  }
}

import { type FileArea, FileProblem } from '../../files/file-area.ts'
import type { ImportedFile } from './imported-file.ts'

/** Deletes the file; its name, size, hash and counts stay in the history. */
export async function deleteFile(files: FileArea, { path, identity, sha256 }: ImportedFile): Promise<null> {
  try {
    if (identity) {
      await files.removeThis(path, identity, sha256)
      return null
    }
    await files.remove(path)
  } catch (error) {
    // Deleted before a crash, or by its owner since: either way it is gone, as it should be.
    if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
  }
  return null
}

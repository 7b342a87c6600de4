import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity } from '../../model/upload.ts'

/** The file that was imported; the identity tells it from another that has its name by now. */
export interface ImportedFile {
  path: TeamPath
  identity: FileIdentity | null
  /** Of its bytes: tells its copy on another file system, or after a restore, where it has another identity. */
  sha256: string | null
}

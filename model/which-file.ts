import type { ImportSettings } from './import-settings.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from './team-path.ts'

/** Whether `name` begins with `prefix`. Macs write accents as letters of their own, so both are compared in NFC. */
export function beginsWith(name: string, prefix: string): boolean {
  return name.normalize('NFC').startsWith(prefix.normalize('NFC'))
}

/** Whether a run would look at a file of this path. */
export function isMatching(path: TeamPath, file: Pick<ImportSettings['file'], 'path' | 'namePrefix'>): boolean {
  const name = nameOf(path)
  return folderOf(path) === file.path && !isNeverImported(name) && beginsWith(name, file.namePrefix)
}

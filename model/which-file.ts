import type { ImportSettings } from './import-settings.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from './team-path.ts'

/** Compares in NFC: macOS sends accents as separate code points. */
export function beginsWith(name: string, prefix: string): boolean {
  return name.normalize('NFC').startsWith(prefix.normalize('NFC'))
}

/** A run looks only at files that match. */
export function isMatching(path: TeamPath, file: Pick<ImportSettings['file'], 'path' | 'namePrefix'>): boolean {
  const name = nameOf(path)
  return folderOf(path) === file.path && !isNeverImported(name) && beginsWith(name, file.namePrefix)
}

import type { ImportSettings } from '../../model/import-settings.ts'
import { namedInvisible } from '../../model/invisible-signs.ts'
import { folderOf, isNeverImported, nameOf, type TeamPath } from '../../model/team-path.ts'
import { beginsWith } from '../../model/which-file.ts'

/** No run takes a file of this path. */
export type NameFate =
  /** An import has moved it here. */
  | { kind: 'archived'; run: number }
  /** The service itself wrote it. */
  | { kind: 'written' }
  /** A hidden or temporary name. */
  | { kind: 'never_imported'; inFilePath: boolean }
  | { kind: 'other_folder'; filePath: TeamPath }
  /** The name matches, or almost, and the folder does not. */
  | { kind: 'misplaced'; filePath: TeamPath; namePrefix: string; nameMatches: boolean }
  | {
      kind: 'other_case' | 'other_extension' | 'other_name'
      namePrefix: string
      /** What in the name cannot be seen. */
      invisible?: string
    }

/** Why no run takes a file of this path, and by how little it misses; null for one that matches. */
export function nameFate(
  path: TeamPath,
  { path: filePath, namePrefix }: Pick<ImportSettings['file'], 'path' | 'namePrefix'>,
): NameFate | null {
  const name = nameOf(path)
  const inFilePath = folderOf(path) === filePath
  if (isNeverImported(name)) return { kind: 'never_imported', inFilePath }
  const miss = nameMiss(name, namePrefix)
  const invisible = namedInvisible(name)
  if (inFilePath) return miss && { kind: miss, namePrefix, ...(invisible !== null && { invisible }) }
  if (namePrefix === '' || miss === 'other_name') return { kind: 'other_folder', filePath }
  return { kind: 'misplaced', filePath, namePrefix, nameMatches: miss === null }
}

function nameMiss(name: string, namePrefix: string): 'other_case' | 'other_extension' | 'other_name' | null {
  if (beginsWith(name, namePrefix)) return null
  const begins = (start: string) => beginsWith(name.toLowerCase(), start.toLowerCase())
  if (begins(namePrefix)) return 'other_case'
  const stem = stemOf(namePrefix)
  return stem !== '' && begins(stem) ? 'other_extension' : 'other_name'
}

function stemOf(prefix: string): string {
  const dot = prefix.lastIndexOf('.')
  return dot > 0 ? prefix.slice(0, dot) : ''
}

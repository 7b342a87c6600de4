import { type RawBuilder, sql } from 'kysely'
import type { TeamPath } from '../../model/team-path.ts'

/** The column `path` names a file of this very folder, not of one below it or beside it, whose name begins with `prefix`. */
export function inFolder(folder: TeamPath, prefix = ''): RawBuilder<boolean> {
  const start = folder === '/' ? '/' : `${folder}/`
  return sql<boolean>`(starts_with(path, ${start + prefix}) and position('/' in substr(path, length(${start}) + 1)) = 0)`
}

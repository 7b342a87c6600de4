import type { ImportSettings } from '../../model/import-settings.ts'
import { nameOf } from '../../model/team-path.ts'
import { type FileFacts, obstacleOf, type Rivals } from './fate.ts'

/** `shown`: of a held file, that its batch is open for people to approve or discard. */
type RivalFile = FileFacts & { shown?: boolean }

/** Where every matching file is imported, and for the newest. */
export const NO_RIVALS: Rivals = { fateOf: () => null }

/** `lastImportedAt`: when the newest imported file of the folder arrived. */
export function rivalsAmong(
  files: readonly RivalFile[],
  settings: Pick<ImportSettings, 'file' | 'version'>,
  lastImportedAt: Date | null,
): Rivals {
  if (settings.file.select !== 'most_recent') return NO_RIVALS
  const last = lastImportedAt?.getTime() ?? -1
  const isOlder = (file: Pick<FileFacts, 'receivedAt'>) => receipt(file) <= last
  let newest: RivalFile | null = null
  for (const file of files)
    if (isTaken(file, settings) && !isOlder(file) && (newest === null || comesAfter(file, newest))) newest = file
  return {
    fateOf(file) {
      if (isOlder(file)) return { kind: 'superseded', why: 'A newer file was imported before.' }
      if (newest === null || newest.uploadId === file.uploadId) return null
      return { kind: 'newer_first', newer: nameOf(newest.path) }
    },
  }
}

/** What is held beside is taken once, so that people are asked. */
function isTaken(file: RivalFile, settings: Pick<ImportSettings, 'file' | 'version'>): boolean {
  const obstacle = obstacleOf(file, settings)
  return obstacle === null || (obstacle.kind === 'held' && file.shown === false)
}

/** Of two received in the same moment the greater name is the later. */
function comesAfter(file: FileFacts, other: FileFacts): boolean {
  return receipt(file) - receipt(other) > 0 || (receipt(file) === receipt(other) && file.path > other.path)
}

function receipt({ receivedAt }: Pick<FileFacts, 'receivedAt'>): number {
  return receivedAt?.getTime() ?? 0
}

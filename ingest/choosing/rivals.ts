import type { ImportSettings } from '../../model/import-settings.ts'
import { nameOf } from '../../model/team-path.ts'
import { type FileFacts, obstacleOf, type Rivals } from './fate.ts'
import { byReceipt, receipt } from './receipt.ts'
import { NEWER_TAKEN } from './select-files.ts'

/** Where every matching file is imported, and for the newest. */
export const NO_RIVALS: Rivals = { fateOf: () => null }

/** `lastTakenAt`: when the newest file of the folder that was imported or held arrived. */
export function rivalsAmong(
  files: readonly FileFacts[],
  settings: Pick<ImportSettings, 'file' | 'version'>,
  lastTakenAt: Date | null,
): Rivals {
  if (settings.file.select !== 'most_recent') return NO_RIVALS
  const last = lastTakenAt?.getTime() ?? -1
  const isOlder = (file: Pick<FileFacts, 'receivedAt'>) => receipt(file) <= last
  // A run that imports or holds the file it has claimed passes over all older ones; one that cannot read it takes the next.
  const isTried = (file: FileFacts) => (obstacleOf(file, settings)?.kind ?? 'claimed') === 'claimed'
  let newest: FileFacts | null = null
  for (const file of files)
    if (isTried(file) && !isOlder(file) && (newest === null || byReceipt(file, newest) > 0)) newest = file
  return {
    fateOf(file) {
      if (isOlder(file)) return { kind: 'superseded', why: NEWER_TAKEN }
      if (newest === null || newest.uploadId === file.uploadId) return null
      return { kind: 'newer_first', newer: nameOf(newest.path) }
    },
  }
}

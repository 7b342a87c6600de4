import type { ImportSettings } from '../../model/import-settings.ts'
import type { RunTrigger } from '../../model/run.ts'
import { type FileFacts, type FoundFile, type Obstacle, obstacleOf } from './fate.ts'

/** A file in the File Path, or an upload on its way there, with what the ledger knows of it. */
export interface Candidate extends FileFacts {
  name: string
  /** The hidden name under which it is held; null for a file under its own name. */
  temporaryName: string | null
  receivedAt: Date | null
  bytes: number
  /** Held files only: its batch is open for people to approve or discard. */
  shown: boolean
}

export interface Selection {
  /** In the order in which they are imported. */
  take: Candidate[]
  /** Matching files that a newer one replaces: never imported automatically from now on. */
  supersede: Candidate[]
  /** Every file with its fate, by path. */
  fates: FoundFile[]
}

/**
 * Decides which of the files in the File Path a run takes. Receipt by our clock orders them, never a time that the
 * client may set, and what came before the last imported file is superseded by it; of two received in the same moment the greater name is the later.
 */
export function selectFiles(
  candidates: readonly Candidate[],
  settings: Pick<ImportSettings, 'file' | 'version'>,
  trigger: RunTrigger,
  lastImportedAt: Date | null = null,
): Selection {
  const fates: FoundFile[] = []
  const ready: Candidate[] = []
  for (const candidate of candidates) {
    const obstacle = obstacleOf(candidate, settings)
    if (obstacle && !isPassed(obstacle, candidate, trigger)) fates.push({ path: candidate.path, fate: obstacle })
    else ready.push(candidate)
  }
  ready.sort((a, b) => receipt(a) - receipt(b) || (a.name < b.name ? -1 : 1))
  const one = settings.file.select === 'most_recent'
  const [newest] = ready.slice(-1).filter((file) => receipt(file) > (lastImportedAt?.getTime() ?? -1))
  const take = one ? ready.filter((file) => file === newest) : ready
  const supersede = one ? ready.filter((file) => file !== newest) : []
  for (const { path } of take) fates.push({ path, fate: { kind: 'taken' } })
  for (const { path } of supersede)
    fates.push({
      path,
      fate: newest
        ? { kind: 'newer_taken', newer: newest.name }
        : { kind: 'superseded', why: 'A newer file was imported before.' },
    })
  fates.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { take, supersede, fates }
}

/** This run takes the file despite the obstacle. */
function isPassed({ kind }: Obstacle, { shown }: Candidate, trigger: RunTrigger): boolean {
  switch (kind) {
    case 'claimed':
      // Runs of a team follow each other: the one that claimed it is gone.
      return true
    case 'held':
      // One whose upload was not confirmed is taken once, so that people are asked.
      return !shown
    case 'rejected':
      // A person who presses the button has looked at it; a window retries only when something is new.
      return trigger !== 'scheduled'
    default:
      return false
  }
}

function receipt(candidate: Candidate): number {
  return candidate.receivedAt?.getTime() ?? 0
}

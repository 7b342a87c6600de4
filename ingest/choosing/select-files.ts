import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import type { RunTrigger } from '../../model/run.ts'
import { type FileFacts, type FoundFile, type Obstacle, obstacleOf, type RunFate } from './fate.ts'
import { byReceipt, receipt } from './receipt.ts'

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
  /** Matching files that came before one that was imported or held: never imported automatically from now on. */
  supersede: Candidate[]
  /** Every file with its fate, by path. */
  fates: FoundFile[]
}

export interface Earlier {
  /** Receipt of the newest file that was imported or held. */
  lastTakenAt: Date | null
  /** The uploads that this run has tried already. */
  tried: ReadonlySet<string>
}

/**
 * Decides which of the files in the File Path a run takes. Receipt by our clock orders them, never a time that the
 * client may set. Where only the most recent is wanted, older ones are kept until it is known that it can be read, and
 * what came before the last one that was imported or held is superseded.
 */
export function selectFiles(
  candidates: readonly Candidate[],
  settings: Pick<ImportSettings, 'file' | 'fields' | 'version'>,
  trigger: RunTrigger,
  { lastTakenAt = null, tried = new Set() }: Partial<Earlier> = {},
): Selection {
  const fates: FoundFile[] = []
  const ready: Candidate[] = []
  for (const candidate of candidates) {
    const obstacle = obstacleOf(candidate, settings)
    if (tried.has(candidate.uploadId ?? '')) fates.push({ path: candidate.path, fate: afterTry(candidate, obstacle) })
    else if (obstacle && !isPassed(obstacle, candidate, trigger)) fates.push({ path: candidate.path, fate: obstacle })
    else ready.push(candidate)
  }
  if (unmappedFields(settings).length > 0) {
    for (const { path } of ready) fates.push({ path, fate: { kind: 'not_set_up' } })
    return { take: [], supersede: [], fates: byPath(fates) }
  }
  ready.sort(byReceipt)
  if (settings.file.select === 'all_matching') {
    for (const { path } of ready) fates.push({ path, fate: { kind: 'taken' } })
    return { take: ready, supersede: [], fates: byPath(fates) }
  }
  const named = ready.filter(({ temporaryName }) => temporaryName === null)
  const [newest] = named.slice(-1).filter((file) => receipt(file) > (lastTakenAt?.getTime() ?? -1))
  const take: Candidate[] = []
  const supersede: Candidate[] = []
  for (const file of ready) {
    const { path } = file
    // What is held beside is taken so that people are asked; it stands in the way of none.
    if (file === newest || file.temporaryName !== null) {
      take.push(file)
      fates.push({ path, fate: { kind: 'taken' } })
    } else if (newest && receipt(file) > (lastTakenAt?.getTime() ?? -1))
      fates.push({ path, fate: { kind: 'newer_first', newer: newest.name } })
    else {
      supersede.push(file)
      fates.push({ path, fate: { kind: 'superseded', why: NEWER_TAKEN } })
    }
  }
  return { take, supersede, fates: byPath(fates) }
}

export const NEWER_TAKEN = 'A newer file was imported or held before.'

function byPath(fates: readonly FoundFile[]): FoundFile[] {
  return fates.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** It was tried by this run, and it could not be read. */
function afterTry({ verdict, verdictReason }: Candidate, obstacle: Obstacle | null): RunFate {
  if (verdict === 'rejected') return { kind: 'passed_over', why: verdictReason ?? '' }
  return obstacle ?? { kind: 'taken' }
}

/** This run takes the file despite the obstacle. */
function isPassed({ kind }: Obstacle, { shown }: Candidate, trigger: RunTrigger): boolean {
  switch (kind) {
    case 'claimed':
      // Runs of a team follow each other: the one that claimed it is gone.
      return true
    case 'held':
      // One that an earlier release held beside has not been shown to people yet.
      return !shown
    case 'rejected':
      // A person who presses the button has looked at it; a window retries only when something is new.
      return trigger !== 'scheduled'
    default:
      return false
  }
}

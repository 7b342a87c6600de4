import type { ImportSettings } from '../../model/import-settings.ts'
import type { FileVerdict, RunFile, RunTrigger } from '../../model/run.ts'
import { isNeverImported, type TeamPath } from '../../model/team-path.ts'
import type { UploadState } from '../../model/upload.ts'

/** A file in the File Path, or an upload on its way there, with what the ledger knows of it. */
export interface Candidate {
  name: string
  path: TeamPath
  state: UploadState
  /** The upload it came by; null for a file that was put there by other means and has not settled yet. */
  uploadId: string | null
  /** The hidden name under which it is held; null for a file that stands under its own. */
  temporaryName: string | null
  receivedAt: Date | null
  bytes: number
  verdict: FileVerdict | null
  verdictReason: string | null
  /** The version of the settings under which it was rejected. */
  verdictSettingsVersion: number | null
  /** Whether a held file stands before the people as a batch that they can approve or discard. */
  shown: boolean
}

/** What a run does with the files it found. */
export interface Selection {
  /** In the order in which they are imported. */
  take: Candidate[]
  /** Matching files that a newer one replaces: never imported automatically from now on. */
  supersede: Candidate[]
  /** Every file with its verdict and the reason, for people. */
  files: RunFile[]
}

/**
 * Decides which of the files in the File Path a run takes. Receipt by our clock orders them, never a time that the
 * client may set; of two received in the same moment the greater name is the later.
 */
export function selectFiles(
  candidates: readonly Candidate[],
  settings: Pick<ImportSettings, 'file' | 'version'>,
  trigger: RunTrigger,
): Selection {
  const { namePrefix, select } = settings.file
  const files: RunFile[] = []
  const ready: Candidate[] = []
  for (const candidate of candidates) {
    const refusal = whyNot(candidate, namePrefix, settings.version, trigger)
    if (refusal) files.push({ path: candidate.path, ...refusal })
    else ready.push(candidate)
  }
  ready.sort((a, b) => receipt(a) - receipt(b) || (a.name < b.name ? -1 : 1))
  const take = select === 'most_recent' ? ready.slice(-1) : ready
  const supersede = select === 'most_recent' ? ready.slice(0, -1) : []
  for (const { path } of take) files.push({ path, verdict: 'claimed', reason: 'It is imported by this run.' })
  for (const { path } of supersede)
    files.push({
      path,
      verdict: 'superseded',
      reason: `A newer file, ${take[0]?.name}, is imported instead. This one stays in its place and is not imported by itself any more.`,
    })
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { take, supersede, files }
}

function receipt(candidate: Candidate): number {
  return candidate.receivedAt?.getTime() ?? 0
}

interface Refusal {
  verdict: FileVerdict
  reason: string
}

/** Why a run leaves a file alone, or null when it may take it. */
function whyNot(file: Candidate, prefix: string, settingsVersion: number, trigger: RunTrigger): Refusal | null {
  const waiting = (reason: string): Refusal => ({ verdict: 'waiting', reason })
  if (isNeverImported(file.name))
    return waiting(
      'Names that begin with a dot or end like a temporary file are never imported; rename it when it is whole.',
    )
  if (!file.name.startsWith(prefix)) {
    if (file.name.toLowerCase().startsWith(prefix.toLowerCase()))
      return waiting(`Its name does not begin with "${prefix}": upper and lower case count.`)
    return waiting(`Its name does not begin with "${prefix}".`)
  }
  if (file.state === 'receiving') return waiting('It is still being received; it is imported once it is whole.')
  if (file.state === 'unconfirmed')
    return waiting('It has arrived, but its sender has not shown yet that it is whole; that takes a few seconds.')
  if (file.state === 'incomplete') return waiting('The upload broke off; it has to be sent again.')
  if (file.uploadId === null) return waiting('It has not been unchanged for 60 seconds yet; it may still be growing.')
  switch (file.verdict) {
    case 'imported':
      return {
        verdict: 'imported',
        reason: file.verdictReason ?? 'It was imported before and could not be moved away.',
      }
    case 'superseded':
      return { verdict: 'superseded', reason: file.verdictReason ?? 'A newer file was imported instead.' }
    case 'held':
      // One whose upload was not confirmed is taken once, so that people are asked.
      if (!file.shown) return null
      return { verdict: 'held', reason: file.verdictReason ?? 'It waits for a decision.' }
    case 'rejected':
      // A person who presses the button has looked at it; a window retries only when something is new.
      if (trigger === 'scheduled' && file.verdictSettingsVersion === settingsVersion)
        return {
          verdict: 'rejected',
          reason: `${file.verdictReason ?? 'It was rejected.'} It is tried again when the file or the settings change, or by Run Import.`,
        }
      return null
    default:
      return null
  }
}

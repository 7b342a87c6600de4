import type { FileArea } from '../../files/file-area.ts'
import { describeFiles, standingOf } from '../../ingest/choosing/describe-files.ts'
import { type Fate, fateOf } from '../../ingest/choosing/fate.ts'
import { runVerdict, waitsForTurn } from '../../ingest/choosing/fate-uses.ts'
import { listCandidates } from '../../ingest/choosing/list-candidates.ts'
import { nearMisses } from '../../ingest/choosing/near-misses.ts'
import { rivalsAmong } from '../../ingest/choosing/rivals.ts'
import type { Candidate } from '../../ingest/choosing/select-files.ts'
import { teamFiles } from '../../ingest/choosing/team-files.ts'
import type { Outlook } from '../../ingest/schedule/outlook.ts'
import type { Outlooks } from '../../ingest/schedule/outlooks.ts'
import type { Log } from '../../log.ts'
import { localDate } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import { isFinished, type Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { DAY_MS } from '../../model/time.ts'
import type { ContactCounts } from '../../store/contacts/contact-counts.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { Signals } from '../../store/postgres/signals.ts'
import {
  lastLogin,
  type SlotOutcome,
  slotOutcomes,
  type UploadOrigin,
  uploadOrigins,
} from '../../store/runs/import-figures.ts'
import { type ErrorGroup, errorGroups } from '../../store/runs/run-errors.ts'
import { listRuns } from '../../store/runs/run-history.ts'
import { type BrokenUpload, brokenUploads, lastTakenAt } from '../../store/uploads/find-uploads.ts'
import { resultTrouble } from '../../store/written/due-files.ts'
import type { ContactFigures } from '../contacts/exports.ts'
import type { CallApi } from '../http/call-api.ts'
import type { BatchProgressTold, LiveProgress } from '../runs/exports.ts'
import { daysBefore } from '../ui/format.ts'
import type { FrameParts } from '../ui/frame.ts'

export interface ImportsParts extends FrameParts {
  call: CallApi
  log: Log
  outlooks: Outlooks
  fileAreaOf: (team: Team) => FileArea
  contactFigures: ContactFigures
  progress: LiveProgress
  signals: Pick<Signals, 'subscribe'>
}

/** A file in the File Path, or one being uploaded to it, with what will become of it. */
export interface WaitingFile {
  candidate: Candidate
  fate: Fate
  origin: UploadOrigin | null
}

export interface ImportsView {
  team: Team
  settings: ImportSettings
  /** All four required fields are mapped. */
  ready: boolean
  outlook: Outlook
  /** The most relevant first. */
  files: WaitingFile[]
  /** Status and possible action of each file, by its path. */
  fates: ReadonlyMap<string, TeamFile>
  /** Files outside the File Path, uploaded to the wrong folder. */
  elsewhere: TeamFile[]
  broken: BrokenUpload[]
  runs: Run[]
  /** The run that is queued or in progress. */
  going: Run | null
  /** The last run that ended and found something. */
  last: Run | null
  /** Its errors, most frequent first; empty if there are too many for one line. */
  errors: ErrorGroup[]
  slots: SlotOutcome[]
  contacts: ContactCounts
  login: { username: string; at: Date } | null
  /** A result for the sender that could not be written yet. */
  resultTrouble: { path: string; reason: string } | null
  /** Null while unknown. */
  progress: BatchProgressTold | null
  now: Date
}

export const TIMELINE_DAYS = 14
const RUNS_SHOWN = 8
const BROKEN_SHOWN = 10
const MOST_ERRORS_TOLD = 200

/** All data of the imports page, as of now. */
export async function importsView(parts: ImportsParts, team: Team): Promise<ImportsView> {
  const { db } = parts
  const now = parts.now()
  const today = localDate(now, team.timeZone)
  const standing = await standingOf({ db, outlooks: parts.outlooks, now }, team)
  const { settings, outlook } = standing
  const fateParts = { db, outlooks: parts.outlooks, now, standing }
  const area = parts.fileAreaOf(team)
  const [files, broken, runs, slots, contacts, login, trouble] = await Promise.all([
    waitingFiles(parts, team, settings, outlook, now),
    brokenUploads(db, team.id, new Date(now.getTime() - DAY_MS)),
    listRuns(db, team.id, { limit: RUNS_SHOWN }),
    slotOutcomes(db, team.id, daysBefore(today, TIMELINE_DAYS - 1), now),
    parts.contactFigures.of(team.id),
    lastLogin(db, team.id),
    resultTrouble(db, team.id),
  ])
  const { path } = settings.file
  const last = runs.items.find((run) => isFinished(run.state) && run.state !== 'nothing_to_import') ?? null
  const misses = await nearMisses(db, area, team, settings)
  const [{ items: fates }, elsewhere, errors] = await Promise.all([
    teamFiles(fateParts, area, team, { folders: [path, ROOT] }),
    describeFiles(
      fateParts,
      team,
      misses
        .filter((miss) => folderOf(miss.path) !== ROOT)
        .map(({ path, upload }) => ({ path, bytes: upload.bytes, upload })),
    ),
    last ? errorsOf(db, last) : [],
  ])
  const going = runs.items.find((run) => !isFinished(run.state)) ?? null
  return {
    team,
    settings,
    ready: unmappedFields(settings).length === 0,
    outlook,
    files: byFate(files),
    fates: new Map(fates.flatMap((file) => (file.state === 'incomplete' ? [] : [[file.path, file]]))),
    elsewhere: [
      ...fates.filter((file) => file.state === 'ready' && folderOf(file.path as TeamPath) !== path),
      ...elsewhere,
    ],
    broken: broken
      .filter((upload) => folderOf(upload.path) === path)
      .toSorted((a, b) => b.startedAt.getTime() - a.startedAt.getTime())
      .slice(0, BROKEN_SHOWN),
    runs: runs.items,
    going,
    progress: going && parts.progress.of(going.id),
    last,
    errors,
    slots,
    contacts,
    login,
    resultTrouble: trouble,
    now,
  }
}

async function errorsOf(db: Database, { batches }: Run): Promise<ErrorGroup[]> {
  const rejected = batches.reduce((sum, { counts }) => sum + counts.rejected, 0)
  const ids = batches.map(({ id }) => id)
  return rejected > 0 && rejected <= MOST_ERRORS_TOLD ? errorGroups(db, ids) : []
}

/** The files in the File Path, newest first, with their fate under these settings. */
export async function waitingFiles(
  { db, fileAreaOf }: Pick<ImportsParts, 'db' | 'fileAreaOf'>,
  team: Team,
  settings: ImportSettings,
  outlook: Outlook,
  now: Date,
): Promise<WaitingFile[]> {
  const candidates = await listCandidates(db, fileAreaOf(team), team, settings.file, now)
  const rivals = rivalsAmong(candidates, settings, await lastTakenAt(db, team.id, settings.file.path))
  const origins = await uploadOrigins(
    db,
    candidates.flatMap(({ uploadId }) => uploadId ?? []),
  )
  return candidates
    .map((candidate) => ({
      candidate,
      fate: fateOf(candidate, settings, outlook, rivals, now),
      origin: candidate.uploadId === null ? null : (origins.get(candidate.uploadId) ?? null),
    }))
    .sort((a, b) => arrival(b) - arrival(a) || (a.candidate.name < b.candidate.name ? -1 : 1))
}

/** Files that will be imported come first, ignored files last; each group newest first. */
function byFate(files: readonly WaitingFile[]): WaitingFile[] {
  const ranks = ['claimed', 'uploading', 'held', 'rejected', 'superseded', 'imported', 'ignored'] as const
  const rank = ({ candidate, fate }: WaitingFile) => {
    const verdict = runVerdict(fate)
    if (waitsForTurn(fate)) return ranks.indexOf('claimed')
    if (fate.kind === 'newer_first') return ranks.indexOf('superseded')
    if (verdict !== 'waiting') return ranks.indexOf(verdict)
    return ranks.indexOf(candidate.state === 'ready' && candidate.uploadId !== null ? 'ignored' : 'uploading')
  }
  return files.toSorted((a, b) => rank(a) - rank(b))
}

function arrival({ candidate, origin }: WaitingFile): number {
  return (candidate.receivedAt ?? origin?.startedAt ?? new Date(0)).getTime()
}

/** State of each setup step. */
export interface SetupSteps {
  account: { username: string; createdAt: Date; lastLoginAt: Date | null } | null
  file: { name: string } | null
  mapped: boolean
  windows: boolean
}

import type { FileArea } from '../../files/file-area.ts'
import { type RunFate, runVerdict } from '../../ingest/choosing/fate.ts'
import { listCandidates } from '../../ingest/choosing/list-candidates.ts'
import type { Candidate } from '../../ingest/choosing/select-files.ts'
import { selectFiles } from '../../ingest/choosing/select-files.ts'
import { teamFiles } from '../../ingest/choosing/team-files.ts'
import { nextSlot, openSlots } from '../../ingest/schedule/windows.ts'
import type { Log } from '../../log.ts'
import { localDate } from '../../model/daily-windows.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import { isFinished, type Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { TeamFile } from '../../model/team-file.ts'
import { folderOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { DAY_MS } from '../../model/time.ts'
import type { Upload } from '../../model/upload.ts'
import type { ContactCounts } from '../../store/contacts/contact-counts.ts'
import type { Database } from '../../store/postgres/database.ts'
import {
  lastLogin,
  type SlotOutcome,
  slotOutcomes,
  type UploadOrigin,
  uploadOrigins,
} from '../../store/runs/import-figures.ts'
import { type ErrorGroup, errorGroups } from '../../store/runs/run-errors.ts'
import { listRuns } from '../../store/runs/run-history.ts'
import type { TimedSlot } from '../../store/runs/slots.ts'
import { currentSettings } from '../../store/settings.ts'
import { brokenUploads, lastTakenAt } from '../../store/uploads/find-uploads.ts'
import type { ContactFigures } from '../contacts/exports.ts'
import type { CallApi } from '../http/call-api.ts'
import type { BatchProgressTold, LiveProgress } from '../runs/exports.ts'
import { daysBefore } from '../ui/format.ts'
import type { FrameParts } from '../ui/frame.ts'

export interface ImportsParts extends FrameParts {
  call: CallApi
  log: Log
  fileAreaOf: (team: Team) => FileArea
  contactFigures: ContactFigures
  progress: LiveProgress
}

/** A file in the File Path, or one being uploaded to it, with what the next run will do with it. */
export interface WaitingFile {
  candidate: Candidate
  fate: RunFate
  origin: UploadOrigin | null
}

export interface ImportsView {
  team: Team
  settings: ImportSettings
  /** All four required fields are mapped. */
  ready: boolean
  open: TimedSlot | null
  next: TimedSlot | null
  /** The most relevant first. */
  files: WaitingFile[]
  /** Status and possible action of each file, by its path. */
  fates: ReadonlyMap<string, TeamFile>
  /** Files outside the File Path, uploaded to the wrong folder. */
  elsewhere: TeamFile[]
  broken: Upload[]
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
  const settings = await currentSettings(db, team.id)
  const [files, broken, runs, slots, contacts, login] = await Promise.all([
    waitingFiles(parts, team, settings, now),
    brokenUploads(db, team.id, new Date(now.getTime() - DAY_MS)),
    listRuns(db, team.id, { limit: RUNS_SHOWN }),
    slotOutcomes(db, team.id, daysBefore(today, TIMELINE_DAYS - 1), now),
    parts.contactFigures.of(team.id),
    lastLogin(db, team.id),
  ])
  const { path } = settings.file
  const last = runs.items.find((run) => isFinished(run.state) && run.state !== 'nothing_to_import') ?? null
  const [{ items: fates }, errors] = await Promise.all([
    teamFiles(db, parts.fileAreaOf(team), team, now, { folders: [path, ROOT] }),
    last ? errorsOf(db, last) : [],
  ])
  const going = runs.items.find((run) => !isFinished(run.state)) ?? null
  return {
    team,
    settings,
    ready: unmappedFields(settings).length === 0,
    open: openSlots(settings.schedule, team.timeZone, now)[0] ?? null,
    next: nextSlot(settings.schedule, team.timeZone, now),
    files: byFate(files),
    fates: new Map(fates.map((file) => [file.path, file])),
    elsewhere: fates.filter((file) => file.state === 'ready' && folderOf(file.path as TeamPath) !== path),
    broken: broken
      .filter((upload) => upload.path.startsWith(path))
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
    now,
  }
}

async function errorsOf(db: Database, { batches }: Run): Promise<ErrorGroup[]> {
  const rejected = batches.reduce((sum, { counts }) => sum + counts.rejected, 0)
  const ids = batches.map(({ id }) => id)
  return rejected > 0 && rejected <= MOST_ERRORS_TOLD ? errorGroups(db, ids) : []
}

/** The files in the File Path, newest first, with what a run started now would do with them. */
export async function waitingFiles(
  { db, fileAreaOf }: Pick<ImportsParts, 'db' | 'fileAreaOf'>,
  team: Team,
  settings: Pick<ImportSettings, 'file' | 'version'>,
  now: Date,
): Promise<WaitingFile[]> {
  const candidates = await listCandidates(db, fileAreaOf(team), team, settings.file, now)
  const selection = selectFiles(candidates, settings, 'scheduled', {
    lastTakenAt: await lastTakenAt(db, team.id, settings.file.path),
  })
  const fates = new Map(selection.fates.map(({ path, fate }) => [path, fate]))
  const origins = await uploadOrigins(
    db,
    candidates.flatMap(({ uploadId }) => uploadId ?? []),
  )
  return candidates
    .map((candidate) => ({
      candidate,
      fate: fates.get(candidate.path) as RunFate,
      origin: candidate.uploadId === null ? null : (origins.get(candidate.uploadId) ?? null),
    }))
    .sort((a, b) => arrival(b) - arrival(a) || (a.candidate.name < b.candidate.name ? -1 : 1))
}

/** Files that the next run takes come first, ignored files last; each group newest first. */
function byFate(files: readonly WaitingFile[]): WaitingFile[] {
  const ranks = ['claimed', 'uploading', 'held', 'rejected', 'superseded', 'imported', 'ignored'] as const
  const rank = ({ candidate, fate }: WaitingFile) => {
    const verdict = fate.kind === 'newer_first' ? 'superseded' : runVerdict(fate)
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

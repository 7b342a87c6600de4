import type { FileArea } from '../../files/file-area.ts'
import type { CheckStoredFile } from '../../ingest/check-file.ts'
import { runVerdict, waitsForTurn } from '../../ingest/choosing/fate-uses.ts'
import type { Proposals } from '../../ingest/proposing/propose-columns.ts'
import { readFileHead } from '../../ingest/reading/file-head.ts'
import type { Turn } from '../../ingest/schedule/outlook.ts'
import type { Outlooks } from '../../ingest/schedule/outlooks.ts'
import type { FileCheck } from '../../model/check.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import { delimiterNamed } from '../../model/delimiters.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import { parseTeamPath, type TeamPath } from '../../model/team-path.ts'
import { DAY_MS } from '../../model/time.ts'
import { beginsWith } from '../../model/which-file.ts'
import { formatterByZone } from '../../model/wording/zoned-format.ts'
import { arrivals } from '../../store/runs/import-figures.ts'
import { type WebhookDeliveries, webhookDeliveries } from '../../store/webhook-deliveries.ts'
import type { CallApi } from '../http/call-api.ts'
import type { Fault } from '../http/refusal.ts'
import { type WaitingFile, waitingFiles } from '../imports/exports.ts'
import type { FrameParts } from '../ui/frame.ts'
import type { SettingsParts } from './api.ts'
import { changedTitles, draftOf, type SettingsDraft } from './settings-draft.ts'
import { hasMapping, proposalsOf, withProposals } from './suggestions.ts'
import type { WebhookTest } from './webhook-api.ts'

export interface ConfigureParts extends FrameParts, SettingsParts {
  call: CallApi
  outlooks: Outlooks
  fileAreaOf: (team: Team) => FileArea
  checkStoredFile: CheckStoredFile
}

/** The newest waiting file, read with the settings of the form. */
export interface NewestFile {
  name: string
  path: TeamPath
  columns: string[]
  samples: string[][]
  encoding: string
  /** Why it cannot be read with these settings. */
  problem: string | null
}

export interface ConfigureView {
  team: Team
  saved: ImportSettings
  draft: SettingsDraft
  /** Columns were chosen by suggestion. */
  suggested: boolean
  /** Titles of the settings that differ from the saved ones. */
  changed: string[]
  faults: readonly Fault[]
  /** Settings that another person saved in the meantime. */
  conflict: { by: string; theirs: ImportSettings } | null
  /** Deleting instead of moving needs a confirmation. */
  confirmDelete: boolean
  /** The dry run of the newest file; null if none was requested. */
  check: FileCheck | null
  /** Faults of the form that prevented the dry run. */
  checkFaults: readonly Fault[]
  files: WaitingFile[]
  newest: NewestFile | null
  /** What the newest file offers for each field. */
  proposals: Proposals
  /** Arrivals of the last days, as hours of the team's day. */
  arrivals: number[]
  /** The hour of the team's day now. */
  hour: number
  /** A window that is open now and is off in the saved settings: what it does once it is switched on. */
  openNow: Turn | null
  /** What a test of the webhook just brought. */
  webhookTest: WebhookTest | null
  /** Null where no webhook is saved. */
  deliveries: WebhookDeliveries | null
  now: Date
}

const ARRIVAL_DAYS = 14
const EVERY_WINDOW = forEachWindow(true)

export async function configureView(
  parts: ConfigureParts,
  team: Team,
  saved: ImportSettings,
  draft: SettingsDraft,
  {
    suggest = false,
    ...more
  }: Partial<Pick<ConfigureView, 'faults' | 'conflict' | 'confirmDelete' | 'webhookTest'>> & {
    /** Choose what is proposed with confidence where nothing is mapped yet. */
    suggest?: boolean
  } = {},
): Promise<ConfigureView> {
  const now = parts.now()
  const [files, arrived, deliveries] = await Promise.all([
    matchingFiles(parts, team, saved, draft, now),
    arrivals(parts.db, team.id, new Date(now.getTime() - ARRIVAL_DAYS * DAY_MS)),
    saved.webhook && webhookDeliveries(parts.db, team.id),
  ])
  const { turns } = await parts.outlooks.of(parts.db, team, { ...saved, schedule: EVERY_WINDOW }, now)
  const newest = await newestFile(parts, team, files, draft)
  const proposals = proposalsOf(newest)
  const shown = (suggest && !hasMapping(saved) && withProposals(draft, proposals)) || draft
  return {
    team,
    saved,
    draft: shown,
    suggested: shown !== draft,
    changed: changedTitles(draftOf(saved), shown),
    faults: [],
    conflict: null,
    confirmDelete: false,
    check: null,
    checkFaults: [],
    webhookTest: null,
    ...more,
    files,
    newest,
    proposals,
    deliveries,
    arrivals: arrived.map((at) => hourOf(at, team.timeZone)),
    hour: hourOf(now, team.timeZone),
    openNow: turns.find(({ isOpen, name }) => isOpen && !saved.schedule[name]) ?? null,
    now,
  }
}

/** The files for the path and prefix as typed; none if the path is invalid. */
async function matchingFiles(
  parts: ConfigureParts,
  team: Team,
  saved: ImportSettings,
  { texts }: SettingsDraft,
  now: Date,
): Promise<WaitingFile[]> {
  const path = parseTeamPath(texts['file.path'])
  if (!path.ok) return []
  const select = texts['file.select'] === 'all_matching' ? 'all_matching' : 'most_recent'
  const file = { ...saved.file, path: path.path, namePrefix: texts['file.namePrefix'], select } as const
  const settings = { ...saved, file }
  return waitingFiles(parts, team, settings, await parts.outlooks.of(parts.db, team, settings, now), now)
}

/** The newest complete file whose name matches, imported or not: its header offers the columns to map. */
async function newestFile(
  { fileAreaOf }: ConfigureParts,
  team: Team,
  files: readonly WaitingFile[],
  { texts }: SettingsDraft,
): Promise<NewestFile | null> {
  const prefix = texts['file.namePrefix']
  const newest = files.find(
    ({ candidate, fate }) =>
      candidate.state === 'ready' &&
      beginsWith(candidate.name, prefix) &&
      (waitsForTurn(fate) ||
        fate.kind === 'newer_first' ||
        runVerdict(fate) !== 'waiting' ||
        candidate.uploadId === null),
  )
  if (!newest) return null
  const { name, path } = newest.candidate
  const delimiter = delimiterNamed(texts['file.delimiter'])
  const encoding = ENCODINGS.find((one) => one === texts['file.encoding']) ?? 'auto'
  const read = await readFileHead(fileAreaOf(team), path, { delimiter, encoding })
  return read.ok
    ? { name, path, ...read.head, problem: null }
    : { name, path, columns: [], samples: [], encoding: '', problem: read.problem }
}

const ENCODINGS = ['auto', 'utf-8', 'utf-16', 'windows-1252'] as const

const hourAndMinute = formatterByZone('en-US', { hour: 'numeric', minute: 'numeric', hourCycle: 'h23' })

/** 13.2 for 1:12 PM. */
function hourOf(at: Date, timeZone: string): number {
  const parts = hourAndMinute(timeZone).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  return part('hour') + Math.round((part('minute') / 60) * 100) / 100
}

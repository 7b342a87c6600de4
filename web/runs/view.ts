import type { ImportSettings } from '../../model/import-settings.ts'
import type { Batch, Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { UNENDED } from '../../store/runs/batches.ts'
import {
  batchHeaders,
  type ErrorGroup,
  errorGroups,
  type RecapMail,
  recapMails,
  type WarningGroup,
  warningExamples,
} from '../../store/runs/run-errors.ts'
import { settingsOfVersion, versionSaved } from '../../store/settings.ts'
import { stillRejected } from '../../store/uploads/still-rejected.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import type { BatchProgressTold } from './live-progress.ts'

/** A batch that is shown, and its place among all of the run. */
export interface ShownBatch {
  batch: Batch
  nth: number
}

export interface RunView {
  team: Team
  run: Run
  /** In their order; of very many those that need somebody and the first. */
  shown: ShownBatch[]
  settings: ImportSettings | null
  savedBy: { by: string; at: Date } | null
  errors: ErrorGroup[]
  warnings: WarningGroup[]
  mails: RecapMail[]
  headers: Map<string, string[]>
  /** Batches whose file waits in the root and may be imported under another mapping. */
  stillRejected: ReadonlySet<string>
  progress?: BatchProgressTold | null
  /** `folder` if no mail server is set up: e-mails are written to `outbox`. */
  mailVia: 'smtp' | 'folder'
  now: Date
}

/** Each has lines in four lists. */
const MOST_SHOWN = 100

function shownOf({ batches }: Run): ShownBatch[] {
  const all = batches.map((batch, index) => ({ batch, nth: index + 1 }))
  const isSmooth = ({ batch }: ShownBatch) => batch.state === 'imported' && batch.undo === null
  return all
    .toSorted((a, b) => Number(isSmooth(a)) - Number(isSmooth(b)) || a.nth - b.nth)
    .slice(0, MOST_SHOWN)
    .sort((a, b) => a.nth - b.nth)
}

export async function runView(
  { db, server }: { db: Database; server: ServerFacts },
  team: Team,
  run: Run,
  now: Date,
): Promise<RunView> {
  // A batch in progress has nothing to show yet, and the query would scan all of it.
  const ids = run.batches.filter(({ state }) => !UNENDED.includes(state)).map(({ id }) => id)
  const shown = shownOf(run)
  const idsShown = ids.filter((id) => shown.some(({ batch }) => batch.id === id))
  const version = run.batches[0]?.settingsVersion ?? 0
  const errors = await errorGroups(db, ids)
  const ofSamples = errors.flatMap(({ samples }) => samples.map(({ batchId }) => batchId))
  const [settings, savedBy, warnings, mails, headers, rejected] = await Promise.all([
    settingsOfVersion(db, team.id, version),
    versionSaved(db, team.id, version),
    warningExamples(db, ids),
    recapMails(db, idsShown),
    batchHeaders(db, [...new Set(ofSamples)]),
    stillRejected(db, idsShown),
  ])
  return {
    team,
    run,
    shown,
    settings,
    savedBy,
    errors,
    warnings,
    mails,
    headers,
    stillRejected: rejected,
    mailVia: server.mail.via,
    now,
  }
}

import type { ImportSettings } from '../../model/import-settings.ts'
import type { Run } from '../../model/run.ts'
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

export interface RunView {
  team: Team
  run: Run
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

export async function runView(
  { db, server }: { db: Database; server: ServerFacts },
  team: Team,
  run: Run,
  now: Date,
): Promise<RunView> {
  // A batch in progress has nothing to show yet, and the query would scan all of it.
  const ids = run.batches.filter(({ state }) => !UNENDED.includes(state)).map(({ id }) => id)
  const version = run.batches[0]?.settingsVersion ?? 0
  const [settings, savedBy, errors, warnings, mails, headers, rejected] = await Promise.all([
    settingsOfVersion(db, team.id, version),
    versionSaved(db, team.id, version),
    errorGroups(db, ids),
    warningExamples(db, ids),
    recapMails(db, ids),
    batchHeaders(db, ids),
    stillRejected(db, ids),
  ])
  return {
    team,
    run,
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

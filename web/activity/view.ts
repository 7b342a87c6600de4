import type { Team } from '../../model/team.ts'
import type { AuditEntry } from '../../store/audit.ts'

export const ACTIVITY_KINDS = ['settings', 'imports', 'uploads', 'sign-ins', 'people', 'trouble'] as const
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

/** Prefixes of the actions that each filter shows. */
export const KIND_ACTIONS: Record<ActivityKind, readonly string[]> = {
  settings: ['import-settings.', 'team.', 'team-users.', 'ftp-account.', 'installation.'],
  imports: ['run.', 'batch.'],
  uploads: ['upload.', 'file.', 'ftp.'],
  'sign-ins': ['session.', 'second-factor.', 'password.'],
  people: ['person.', 'token.', 'contact.'],
  trouble: [
    'ftp.login-failed',
    'ftp.ban',
    'ftp.upload-incomplete',
    'ftp.upload-refused',
    'run.abort',
    'batch.discard',
    'batch.undo',
  ],
}

export interface ActivityView {
  team: Team
  entries: readonly AuditEntry[]
  /** Numbers of the runs that the entries name, by run ID. */
  runs: ReadonlyMap<string, number>
  next: string | null
  after: string | null
  /** The filter, by the names of the form. */
  filter: { kind: ActivityKind | ''; search: string; until: string }
}

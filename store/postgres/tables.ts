import type { ColumnType, Generated, Selectable } from 'kysely'
import type { AuditActor } from '../../model/audit.ts'
import type { WarningCounts } from '../../model/codes.ts'
import type { OptOutSource } from '../../model/contact.ts'
import type { SlotState, WindowName } from '../../model/daily-windows.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import type { Pause } from '../../model/pauses.ts'
import type { RecordFault } from '../../model/record.ts'
import type { ErrorCounts } from '../../model/rejected-records.ts'
import type {
  BatchState,
  FileRejection,
  FileVerdict,
  HeldBatch,
  MailState,
  RunFile,
  RunState,
  RunTrigger,
  UndoneBatch,
} from '../../model/run.ts'
import type { NoRoom, UploadSource, UploadState } from '../../model/upload.ts'

/** The tables as `migrations/` makes them. bigint comes back as number where it counts bytes or records, see `database.ts`. */
export interface Tables {
  team: TeamTable
  administrator: AdministratorTable
  administrator_team: { administrator_id: string; team_id: number }
  session: SessionTable
  recovery_code: RecoveryCodeTable
  invitation: { administrator_id: string; token_hash: Buffer; expires_at: Date }
  installation: InstallationTable
  api_token: ApiTokenTable
  ftp_account: FtpAccountTable
  team_user: { team_id: number; staff_id: string; name: string; email: string }
  import_settings: ImportSettingsTable
  audit: AuditTable
  upload: UploadTable
  run: RunTable
  batch: BatchTable
  record_error: RecordErrorTable
  record_warning: RecordWarningTable
  slot: SlotTable
  contact: ContactTable
  contact_before: ContactBeforeTable
  preference_change: PreferenceChangeTable
  stopped_number: StoppedNumberTable
  few_contacts: { team_id: number; batch_id: string; contact_ids: string[] }
  mail: MailTable
  webhook_secret: WebhookSecretTable
  written_file: WrittenFileTable
}

type Moment = ColumnType<Date, Date | undefined, Date>
/** Written as JSON text, read as the value. */
type Json<T> = ColumnType<T, string, string>
/** As `Json`, for a column with a default. */
type DefaultJson<T> = ColumnType<T, string | undefined, string>

interface TeamTable {
  id: Generated<number>
  team: string
  name: string
  time_zone: string
  quota_bytes: Generated<number>
  quota_files: Generated<number>
  ftp_strict_close: Generated<boolean>
  last_run_number: Generated<number>
  /** Arrival of the last file when recipients were warned that files had stopped. */
  silence_told_since: Date | null
  /** The last upload refused by the quota since recipients were warned. */
  quota_full_at: ColumnType<Date | null, Date | null | undefined>
  /** The pause whose beginning recipients were told of, and whose end they were not. */
  pause_told: ColumnType<Pause | null, string | null | undefined, string | null>
  created_at: Moment
}

interface AdministratorTable {
  id: Generated<string>
  email: string
  name: Generated<string>
  role: 'owner' | 'admin'
  password_hash: string | null
  totp_secret: ColumnType<Buffer | null, Buffer | null | undefined>
  totp_on: Generated<boolean>
  totp_last_step: ColumnType<number | null, number | null | undefined>
  second_factor_required: Generated<boolean>
  claimed_at: ColumnType<Date | null, Date | null | undefined, Date>
  must_change_password: Generated<boolean>
  created_at: Moment
}

interface SessionTable {
  token_hash: Buffer
  id: Generated<string>
  administrator_id: string
  address: string | null
  user_agent: string | null
  created_at: Moment
  last_seen_at: Moment
  proven_at: Moment
}

interface RecoveryCodeTable {
  administrator_id: string
  code_hash: Buffer
}

interface InstallationTable {
  sole: Generated<boolean>
  second_factor: 'optional' | 'required'
  /** The last upload refused by a full disk since recipients were warned. */
  disk_full_at: ColumnType<Date | null, Date | null | undefined>
}

interface ApiTokenTable {
  id: Generated<string>
  name: string
  token_hash: Buffer
  team_id: number | null
  access: Generated<'full' | 'read_only'>
  administrator_id: string
  created_at: Moment
  last_used_at: Date | null
}

interface FtpAccountTable {
  username: string
  team_id: number
  password_hmac: Buffer | null
  public_keys: Generated<string[]>
  allowed_addresses: Generated<string[]>
  permissions: Generated<'upload' | 'full'>
  enabled: Generated<boolean>
  created_at: Moment
  last_login_at: Date | null
  last_login_address: string | null
  /** Another with each change of a right, and after a removal. */
  version: Generated<string>
}

interface ImportSettingsTable {
  team_id: number
  version: number
  settings: Json<ImportSettingsBody>
  saved_by: string
  saved_at: Moment
}

interface AuditTable {
  id: Generated<number>
  at: Moment
  team_id: number | null
  team: string | null
  actor: string
  actor_kind: AuditActor['kind']
  address: string | null
  action: string
  subject: string | null
  details: DefaultJson<Record<string, unknown>>
}

interface UploadTable {
  id: Generated<string>
  team_id: number
  path: string
  temporary_name: string | null
  source: UploadSource
  account: string | null
  address: string | null
  state: UploadState
  started_at: Moment
  received_at: Date | null
  bytes: Generated<number>
  sha256: string | null
  device: string | null
  inode: string | null
  changed_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  verdict: FileVerdict | null
  verdict_reason: string | null
  verdict_at: Date | null
  verdict_settings_version: number | null
  gone_at: Date | null
  vanished: Generated<boolean>
  /** Why an incomplete upload found no room. */
  no_room: ColumnType<NoRoom | null, NoRoom | null | undefined>
  /** The process that receives it, by the name of its connections. */
  process: Generated<string | null>
}

interface RunTable {
  id: Generated<string>
  team_id: number
  number: number
  trigger: RunTrigger
  window_name: WindowName | null
  /** `YYYY-MM-DD`, as text. */
  window_date: string | null
  state: RunState
  requested_by: string | null
  created_at: Moment
  started_at: Date | null
  finished_at: Date | null
  files: DefaultJson<RunFile[]>
  lease_owner: string | null
  lease_until: Date | null
  abort_requested_at: Date | null
  undoing: string | null
  /** Its files were named: it looks for no others. */
  named: Generated<boolean>
  /** It is queued, and the disk of the database is full. */
  waits_for_room: Generated<boolean>
}

/** Who wants a batch undone, and as whom and from where it was asked for. */
export interface UndoRequest {
  by: string
  at: string
  actor: AuditActor
  /** It was tried, and nothing was changed. */
  failed: boolean
}

interface BatchTable {
  id: Generated<string>
  run_id: string
  team_id: number
  ordinal: number
  upload_id: string | null
  state: BatchState
  path: string
  file_name: string
  bytes: number
  sha256: string | null
  received_at: Date | null
  settings_version: number
  header: ColumnType<string[] | null, string | null | undefined, string | null>
  records: Generated<number>
  created: Generated<number>
  updated: Generated<number>
  unchanged: Generated<number>
  rejected: Generated<number>
  superseded: Generated<number>
  opted_out: Generated<number>
  opted_in: Generated<number>
  warnings: DefaultJson<WarningCounts>
  problem: ColumnType<FileRejection | null, string | null | undefined, string | null>
  after_action: 'move' | 'delete' | null
  after_state: Generated<'none' | 'pending' | 'done' | 'failed'>
  after_path: string | null
  temporary_name: string | null
  approved_by: string | null
  held: ColumnType<HeldBatch | null, string | null | undefined, string | null>
  /** The figures of the held batch that were approved; nothing else may be applied. */
  approved: ColumnType<HeldBatch | null, string | null | undefined, string | null>
  decision: 'approved' | 'discarded' | null
  decided_by: string | null
  decided_at: Date | null
  undo_until: Date | null
  undo_request: ColumnType<UndoRequest | null, string | null | undefined, string | null>
  undone: ColumnType<UndoneBatch | null, string | null | undefined, string | null>
  started_at: Date | null
  finished_at: Date | null
  /** The moment of the transaction that applied its records, which the contacts bear; null where none was applied. */
  applied_at: ColumnType<Date | null, Date | null | undefined, Date | null>
  /** These three are null for a batch of an earlier version, which stored all of its rejected records, and until a batch is applied. */
  errors_kept: number | null
  errors_bytes: number | null
  error_counts: ColumnType<ErrorCounts | null, string | null | undefined, string | null>
}

interface RecordErrorTable {
  batch_id: string
  line: number
  contact_id: string | null
  errors: Json<RecordFault[]>
  record_values: Json<string[]>
}

interface RecordWarningTable {
  batch_id: string
  line: number
  code: string
  contact_id: string | null
  message: string
}

interface SlotTable {
  team_id: number
  window_name: WindowName
  /** `YYYY-MM-DD`, as text. */
  local_date: string
  state: SlotState
  opens_at: Date
  closes_at: Date
  run_id: string | null
  opened_at: Date | null
  blocked_by: string | null
  updated_at: Moment
}

interface ContactTable {
  team_id: number
  contact_id: string
  first_name: string
  last_name: string
  mobile_number: string
  staff_id: string | null
  custom_fields: DefaultJson<Record<string, string>>
  opted_out: Generated<boolean>
  opt_out_source: Generated<OptOutSource>
  opt_out_changed_at: Moment
  /** 64 bits, as text. */
  record_hash: string | null
  created_at: Moment
  updated_at: Moment
  last_batch_id: string | null
}

interface ContactBeforeTable {
  team_id: number
  batch_id: string
  contact_id: string
  first_name: string
  last_name: string
  mobile_number: string
  staff_id: string | null
  custom_fields: Json<Record<string, string>>
  opted_out: boolean
  opt_out_source: OptOutSource
  opt_out_changed_at: Date
  last_batch_id: string | null
}

interface PreferenceChangeTable {
  id: Generated<number>
  team_id: number
  contact_id: string
  at: Moment
  opted_out: boolean
  source: OptOutSource
  was_opted_out: boolean
  was_source: OptOutSource
  batch_id: string | null
  undone: boolean
  speaker: string | null
}

interface StoppedNumberTable {
  team: string
  number_hash: Buffer
  source: Exclude<OptOutSource, 'default' | 'import'>
  kept_at: Moment
}

export interface MailRecipient {
  address: string
  state: 'queued' | 'sent' | 'failed'
  reason: string | null
}

/** `webhook` is an event for the program of a team; all others are mails. */
export type MailKind =
  | 'recap'
  | 'missed'
  | 'silent'
  | 'held'
  | 'test'
  | 'invitation'
  | 'undone'
  | 'no_room'
  | 'pause'
  | 'removed'
  | 'webhook'
  | 'webhook_failed'

export interface MailTable {
  id: Generated<string>
  team_id: number | null
  batch_id: string | null
  kind: MailKind
  message_id: string
  recipients: Json<MailRecipient[]>
  content: ColumnType<{ subject: string; text: string; html: string } | null, string | null | undefined, string | null>
  state: MailState
  attempts: Generated<number>
  next_attempt_at: Moment
  last_error: string | null
  failed_at: ColumnType<Date | null, Date | null | undefined>
  created_at: Moment
  sent_at: Date | null
}

interface WebhookSecretTable {
  team_id: number
  sealed: Buffer
  /** The one before, which signs too until `former_until`. */
  former: Buffer | null
  former_until: ColumnType<Date | null, Date | null | undefined>
  /** When administrators were told that an event was given up, until one arrives again. */
  failure_told_at: ColumnType<Date | null, Date | null | undefined>
}

/** A file that the service itself writes into the root of a team. */
interface WrittenFileTable {
  id: Generated<string>
  team_id: number
  kind: 'result' | 'rejected_records'
  path: string
  batch_id: ColumnType<string | null, string | null | undefined>
  upload_id: ColumnType<string | null, string | null | undefined>
  window_name: ColumnType<WindowName | null, WindowName | null | undefined>
  /** `YYYY-MM-DD`, as text. */
  window_date: ColumnType<string | null, string | null | undefined>
  about_at: Date
  state: 'due' | 'written' | 'failed'
  revision: Generated<number>
  attempts: Generated<number>
  created_at: Moment
  next_attempt_at: Moment
  last_error: ColumnType<string | null, string | null | undefined>
  bytes: ColumnType<number | null, number | null | undefined>
  sha256: ColumnType<string | null, string | null | undefined>
  former_bytes: ColumnType<number | null, number | null | undefined>
  former_sha256: ColumnType<string | null, string | null | undefined>
  device: ColumnType<string | null, string | null | undefined>
  inode: ColumnType<string | null, string | null | undefined>
  changed_at: ColumnType<Date | null, Date | null | undefined>
  written_at: ColumnType<Date | null, Date | null | undefined>
}

export type TeamRow = Selectable<TeamTable>
export type UploadRow = Selectable<UploadTable>
export type RunRow = Selectable<RunTable>
export type SlotRow = Selectable<SlotTable>
/** Without the header of its file, which may have a megabyte: a run has thousands of batches. */
export type BatchRow = Omit<Selectable<BatchTable>, 'header'>
export type ContactRow = Selectable<ContactTable>
export type WrittenFileRow = Selectable<WrittenFileTable>

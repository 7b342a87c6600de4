import { z } from 'zod'
import type { UpcomingWindow } from '../../ingest/schedule/upcoming-windows.ts'
import type { Contact } from '../../model/contact.ts'
import { WINDOW_NAMES } from '../../model/daily-windows.ts'
import type { RecordError } from '../../model/record.ts'
import type { Batch, Run, UndoFigures } from '../../model/run.ts'
import type { TeamFile } from '../../model/team-file.ts'
import type { AuditEntry } from '../../store/audit.ts'
import type { Person } from '../../store/people/people.ts'
import type { OpenSession } from '../../store/people/sessions.ts'
import type { ApiToken } from '../../store/people/tokens.ts'

/** What is answered, as the document of the API describes it. `satisfies` holds each to the type that the service answers. */

const moment = z.iso.datetime()
const text = z.string()
export const count = z.int().min(0)
const id = z.guid()

/** The schemas that the document shows by name. */
export const NAMED = z.registry<{ id: string }>()

function named<T extends z.ZodType>(name: string, schema: T): T {
  NAMED.add(schema, { id: name })
  return schema
}

export const problem = named(
  'Problem',
  z.object({
    type: text,
    title: text,
    status: z.int(),
    detail: text,
    errors: z.array(z.object({ path: text, message: text })).optional(),
  }),
)

export const team = named(
  'Team',
  z.object({
    team: text,
    name: text,
    timeZone: text,
    quotaBytes: count,
    quotaFiles: count,
    ftpStrictClose: z.boolean(),
    createdAt: moment,
  }),
)

const rejection = z.object({ code: text.nullable(), message: text })

const heldBatch = z.object({
  findings: z.array(z.object({ rule: text, message: text })),
  counts: z.record(text, count),
  samples: z.array(
    z.object({
      line: count,
      contactId: text,
      fields: z.array(z.object({ field: text, before: text.nullable(), after: text.nullable() })),
    }),
  ),
})

export const undoFigures = named(
  'UndoFigures',
  z.object({
    restored: count,
    removed: count,
    left: count,
    leftContacts: z.array(z.object({ contactId: text, reason: z.enum(['another_batch', 'preference']) })),
  }),
) satisfies Like<UndoFigures>

export const batch = named(
  'Batch',
  z.object({
    id,
    state: z.enum([
      'queued',
      'parsing',
      'applying',
      'imported',
      'imported_with_errors',
      'rejected',
      'held',
      'failed',
      'aborted',
      'undone',
    ]),
    path: text,
    fileName: text,
    bytes: count,
    sha256: text.nullable(),
    receivedAt: moment.nullable(),
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    settingsVersion: count,
    counts: z.object({
      records: count,
      created: count,
      updated: count,
      unchanged: count,
      rejected: count,
      superseded: count,
      imported: count,
      optedOut: count,
      optedIn: count,
    }),
    warnings: z.record(text, count),
    problem: rejection.nullable(),
    held: heldBatch.nullable(),
    afterImport: z.object({ action: z.enum(['move', 'delete']), path: text.nullable() }).nullable(),
    recap: z.object({ state: z.enum(['waiting', 'queued', 'sent', 'failed']), attempts: count }).nullable(),
    undoableUntil: moment.nullable(),
    undo: z.object({ state: z.enum(['going', 'failed']), by: text, at: moment }).nullable(),
    undone: undoFigures.extend({ by: text, at: moment }).nullable(),
  }),
) satisfies Like<Batch>

export const run = named(
  'Run',
  z.object({
    id,
    number: count,
    team: text,
    trigger: z.enum(['scheduled', 'on_demand', 'manual']),
    window: z.object({ name: z.enum(WINDOW_NAMES), date: z.iso.date() }).nullable(),
    state: z.enum([
      'queued',
      'running',
      'imported',
      'imported_with_errors',
      'rejected',
      'failed',
      'nothing_to_import',
      'held',
      'aborted',
    ]),
    requestedBy: text.nullable(),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    files: z.array(
      z.object({
        path: text,
        verdict: z.enum(['waiting', 'claimed', 'imported', 'rejected', 'held', 'superseded']),
        reason: text,
      }),
    ),
    batches: z.array(batch),
  }),
) satisfies Like<Run>

export const recordError = named(
  'RecordError',
  z.object({
    line: count,
    contactId: text.nullable(),
    errors: z.array(z.object({ code: text, field: text.nullable(), message: text })),
    values: z.array(text),
  }),
) satisfies Like<RecordError>

export const teamUser = named('TeamUser', z.object({ staffId: text, name: text, email: text }))

export const contact = named(
  'Contact',
  z.object({
    contactId: text,
    firstName: text,
    lastName: text,
    mobileNumber: text,
    mobileDisplay: text,
    staffId: text.nullable(),
    assignedTo: teamUser.nullable(),
    optOut: z.object({
      state: z.enum(['opted_in', 'opted_out']),
      source: z.enum(['default', 'import', 'admin', 'contact']),
      changedAt: moment,
    }),
    customFields: z.record(text, text),
    createdAt: moment,
    updatedAt: moment,
    lastBatchId: id.nullable(),
  }),
) satisfies Like<Contact>

export const ftpAccount = named(
  'FtpAccount',
  z.object({
    username: text,
    publicKeys: z.array(z.unknown()),
    allowedAddresses: z.array(text),
    permissions: z.enum(['upload', 'full']),
    enabled: z.boolean(),
    createdAt: moment,
    lastLoginAt: moment.nullable(),
  }),
)

export const ftpPassword = z.object({ username: text, password: text })

export const auditEntry = named(
  'AuditEntry',
  z.object({
    id: text,
    at: moment,
    team: text.nullable(),
    actor: text,
    actorKind: z.enum(['administrator', 'token', 'ftp_account', 'system']),
    address: text.nullable(),
    action: text,
    subject: text.nullable(),
    details: z.record(text, z.unknown()),
  }),
) satisfies Like<AuditEntry>

export const person = named(
  'Person',
  z.object({
    id,
    email: text,
    name: text,
    role: z.enum(['owner', 'admin']),
    teams: z.array(text),
    state: z.enum(['invited', 'active']),
    secondFactor: z.enum(['off', 'on']),
    secondFactorRequired: z.boolean(),
    createdAt: moment,
    lastSeenAt: moment.nullable(),
  }),
) satisfies Like<Person>

/** `link` is null where the mail with it leaves this machine. */
export const invitation = z.object({ invitation: z.object({ expiresAt: moment, link: text.nullable() }) })

export const session = named(
  'Session',
  z.object({
    id,
    address: text.nullable(),
    userAgent: text.nullable(),
    createdAt: moment,
    lastSeenAt: moment,
    current: z.boolean(),
  }),
) satisfies Like<OpenSession>

export const apiToken = named(
  'ApiToken',
  z.object({
    id,
    name: text,
    team: text.nullable(),
    access: z.enum(['full', 'read_only']),
    createdAt: moment,
    lastUsedAt: moment.nullable(),
  }),
) satisfies Like<ApiToken>

export const whoAmI = z.object({
  email: text,
  role: z.enum(['owner', 'admin']),
  token: text.nullable(),
  readOnly: z.boolean(),
  teams: z.union([z.literal('all'), z.array(text)]),
  secondFactorMissing: z.boolean(),
})

export const teamFile = named(
  'TeamFile',
  z.object({
    path: text,
    bytes: count,
    state: text,
    receivedAt: moment.nullable(),
    verdict: text.nullable(),
    reason: text,
    action: text,
    batchId: id.nullable(),
  }),
) satisfies Like<TeamFile>

export const upcomingWindow = z.object({
  name: z.enum(WINDOW_NAMES),
  date: z.iso.date(),
  opensAt: moment,
  closesAt: moment,
  text,
  daylightSaving: text.nullable(),
}) satisfies Like<UpcomingWindow>

export const startedRun = z.object({ runId: id })

/** The run that keeps another from being started. */
export const inTheWay = z.object({ runId: id, detail: text })

export const pageOf = (item: z.ZodType) => z.object({ items: z.array(item), next: text.nullable() })

/** A schema that names the very keys of what the service answers. */
type Like<T> = z.ZodType<Record<keyof T, unknown>>

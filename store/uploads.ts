import { sql, type Transaction } from 'kysely'
import type { FileVerdict } from '../model/run.ts'
import { type TeamPath, teamPath } from '../model/team-path.ts'
import type { FileIdentity, Upload, UploadSource } from '../model/upload.ts'
import type { Database } from './database.ts'
import type { Tables, UploadRow } from './tables.ts'

/** What the ledger notes when the first byte of an upload is still to come. */
export interface StartedUpload {
  teamId: number
  path: TeamPath
  source: UploadSource
  account: string | null
  address: string | null
  /** The hidden name of the pending file. */
  temporaryName: string
}

/** What is known of the bytes once they have all arrived. */
export interface ReceivedBytes {
  bytes: number
  /** null where nobody has read the bytes yet. */
  sha256: string | null
  identity: FileIdentity
}

/** Notes that bytes are arriving, state `receiving`; answers the id of the upload. */
export async function uploadStarted(db: Database, upload: StartedUpload): Promise<string> {
  const { id } = await db
    .insertInto('upload')
    .values({
      team_id: upload.teamId,
      path: upload.path,
      source: upload.source,
      account: upload.account,
      address: upload.address,
      temporary_name: upload.temporaryName,
      state: 'receiving',
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** All bytes are on the disk, but the client has not yet shown that it meant them to end there. This is the receipt time. */
export async function uploadUnconfirmed(db: Database, id: string, received: ReceivedBytes): Promise<void> {
  await db
    .updateTable('upload')
    .set({ state: 'unconfirmed', received_at: sql<Date>`clock_timestamp()`, ...receivedColumns(received) })
    .where('id', '=', id)
    .execute()
}

/** It broke off; nothing was published. */
export async function uploadIncomplete(db: Database, id: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ state: 'incomplete', temporary_name: null })
    .where('id', '=', id)
    .where('state', '!=', 'ready')
    .execute()
}

export interface Judgement {
  verdict: FileVerdict
  reason: string | null
}

const WAITING: Judgement = { verdict: 'waiting', reason: null }

/**
 * Publishes a received file and makes its upload `ready`; the file that stood under that path is gone then. `publish` gives
 * the file its name while the path is locked, so that of two uploads to one path the ledger holds the one on the disk.
 */
export async function uploadReady(
  db: Database,
  upload: { id: string; teamId: number; path: TeamPath },
  publish: () => Promise<Judgement | undefined>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, upload.teamId, upload.path)
    const judgement = (await publish()) ?? WAITING
    await gone(tx, upload.teamId, upload.path)
    await tx
      .updateTable('upload')
      .set({ state: 'ready', temporary_name: null, ...verdictColumns(judgement) })
      .where('id', '=', upload.id)
      .execute()
  })
}

/** Enters a file that is there without having come through an endpoint: copied in on the host, or given by hand. */
export async function fileArrived(
  db: Database,
  file: { teamId: number; path: TeamPath; source: UploadSource; account: string | null } & ReceivedBytes,
): Promise<Upload> {
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, file.teamId, file.path)
    await gone(tx, file.teamId, file.path)
    const row = await tx
      .insertInto('upload')
      .values({
        team_id: file.teamId,
        path: file.path,
        source: file.source,
        account: file.account,
        state: 'ready',
        received_at: sql<Date>`clock_timestamp()`,
        ...receivedColumns(file),
        ...verdictColumns(WAITING),
      })
      .returningAll()
      .executeTakeFirstOrThrow()
    return uploadOf(row)
  })
}

/**
 * A file, or a folder with all that is in it, has another name now. That counts as an arrival under the new name, so what
 * stood under the old one is gone and an upload of its own begins. Answers the paths that arrived.
 */
export async function uploadRenamed(db: Database, teamId: number, from: TeamPath, to: TeamPath): Promise<TeamPath[]> {
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, to)
    await gone(tx, teamId, to)
    const moved = await gone(tx, teamId, from)
    const within = await tx
      .updateTable('upload')
      .set({ gone_at: sql<Date>`now()` })
      .where('team_id', '=', teamId)
      .where('state', '=', 'ready')
      .where('gone_at', 'is', null)
      .where(sql<boolean>`starts_with(path, ${`${from}/`})`)
      .returningAll()
      .execute()
    const arrived = [...moved, ...within].map((row) => ({ ...row, path: teamPath(to + row.path.slice(from.length)) }))
    for (const { id: _, verdict_settings_version: __, started_at: ___, ...row } of arrived)
      await tx
        .insertInto('upload')
        .values({ ...row, ...verdictColumns(WAITING), gone_at: null, received_at: sql<Date>`clock_timestamp()` })
        .execute()
    return arrived.map(({ path }) => path)
  })
}

/** No file stands under `path` any more: deleted, or archived. */
export async function uploadRemoved(db: Database, teamId: number, path: TeamPath): Promise<void> {
  await gone(db, teamId, path)
}

/** What an import made of the file; `settingsVersion` is that of the settings under which it was tried. */
export async function setVerdict(
  db: Database,
  id: string,
  { verdict, reason, settingsVersion }: Judgement & { settingsVersion?: number },
): Promise<void> {
  await db
    .updateTable('upload')
    .set({ ...verdictColumns({ verdict, reason }), verdict_settings_version: settingsVersion ?? null })
    .where('id', '=', id)
    .where('state', '=', 'ready')
    .execute()
}

/** The ready uploads whose files stand in the team's root, oldest receipt first. */
export async function presentUploads(db: Database, teamId: number): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .orderBy('received_at')
    .orderBy('id')
    .execute()
  return rows.map(uploadOf)
}

export async function uploadById(db: Database, id: string): Promise<Upload | null> {
  const row = await db.selectFrom('upload').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? uploadOf(row) : null
}

/** The ready upload whose file stands under `path`. */
export async function presentUpload(db: Database, teamId: number, path: TeamPath): Promise<Upload | undefined> {
  const row = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .executeTakeFirst()
  return row && uploadOf(row)
}

export interface UnfinishedUpload extends Upload {
  temporaryName: string | null
}

/** The uploads of a team that are `receiving` or `unconfirmed`; at boot, what an earlier process left behind. */
export async function unfinishedUploads(db: Database, teamId: number): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** Broken uploads of the last days under whose path nothing has arrived since, the last of each path. */
export async function brokenUploads(db: Database, teamId: number): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload as broken')
    .selectAll()
    .distinctOn('path')
    .where('team_id', '=', teamId)
    .where('state', '=', 'incomplete')
    .where('started_at', '>', sql<Date>`now() - interval '7 days'`)
    .where(
      sql<boolean>`not exists (select from upload later where later.team_id = broken.team_id and later.path = broken.path
        and later.started_at > broken.started_at and later.state <> 'incomplete')`,
    )
    .orderBy('path')
    .orderBy('started_at', 'desc')
    .limit(200)
    .execute()
  return rows.map(uploadOf)
}

/** PostgreSQL itself has to be up for so long before a process without a connection is taken for dead. */
const RECONNECT_SECONDS = 10

/**
 * The unfinished uploads of all teams that no process works on any more: the one that received them has no connection to
 * the database, nor has it had the time to come back after a restart of PostgreSQL.
 */
export async function abandonedUploads(db: Database): Promise<UnfinishedUpload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .where(
      sql<boolean>`process is null or (
        not exists (select from pg_stat_activity a
          where a.datname = current_database() and a.application_name = upload.process)
        and pg_postmaster_start_time() < now() - make_interval(secs => ${RECONNECT_SECONDS}))`,
    )
    .orderBy('started_at')
    .execute()
  return rows.map((row) => ({ ...uploadOf(row), temporaryName: row.temporary_name }))
}

/** At an orderly stop: whoever starts next decides what becomes of them. */
export async function leaveUploads(db: Database, processName: string): Promise<void> {
  await db
    .updateTable('upload')
    .set({ process: null })
    .where('process', '=', processName)
    .where('state', 'in', ['receiving', 'unconfirmed'])
    .execute()
}

/** Whether another process of the service has a connection to this database. */
export async function othersAreAlive(db: Database, processName: string): Promise<boolean> {
  const { rows } = await sql<{ alive: boolean }>`
    select exists (select from pg_stat_activity where datname = current_database()
      and application_name like 'rosterport/%' and application_name <> ${processName}) as alive`.execute(db)
  return rows[0]?.alive ?? false
}

/** The latest uploads of a team in whatever state, newest first. */
export async function latestUploads(db: Database, teamId: number, limit: number): Promise<Upload[]> {
  const rows = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .orderBy('started_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(uploadOf)
}

function gone(db: Database, teamId: number, path: TeamPath): Promise<UploadRow[]> {
  return db
    .updateTable('upload')
    .set({ gone_at: sql<Date>`now()` })
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
    .returningAll()
    .execute()
}

/** Until the transaction ends nobody else gives this path to a file, or takes the file away; every process keeps to it. */
export async function lockPath(tx: Transaction<Tables>, teamId: number, path: TeamPath): Promise<void> {
  await sql`select pg_advisory_xact_lock(${teamId}::integer, hashtext(${path}))`.execute(tx)
}

function verdictColumns({ verdict, reason }: Judgement) {
  return { verdict, verdict_reason: reason, verdict_at: sql<Date>`now()` }
}

function receivedColumns({ bytes, sha256, identity }: ReceivedBytes) {
  return { bytes, sha256, device: String(identity.device), inode: String(identity.inode) }
}

export function uploadOf(row: UploadRow): Upload {
  return {
    id: row.id,
    teamId: row.team_id,
    path: teamPath(row.path),
    source: row.source,
    account: row.account,
    address: row.address,
    state: row.state,
    startedAt: row.started_at,
    receivedAt: row.received_at,
    bytes: row.bytes,
    sha256: row.sha256,
    identity:
      row.device !== null && row.inode !== null
        ? { device: BigInt(row.device), inode: BigInt(row.inode), bytes: row.bytes }
        : null,
    verdict: row.verdict,
    verdictReason: row.verdict_reason,
    verdictSettingsVersion: row.verdict_settings_version,
  }
}

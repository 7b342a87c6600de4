import { sql, type Transaction } from 'kysely'
import type { FileVerdict } from '../model/run.ts'
import { type TeamPath, teamPath } from '../model/team-path.ts'
import type { FileIdentity, Upload, UploadSource } from '../model/upload.ts'
import type { Database } from './database.ts'
import type { Tables, UploadRow } from './tables.ts'

/** What the ledger notes of an upload from its first byte on. */
export interface StartedUpload {
  /** Chosen by the caller, so that an upload can be noted before the ledger has heard of it. */
  id: string
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

/** Notes that bytes are arriving, state `receiving`. Nothing happens where the upload is known. */
export async function uploadStarted(db: Database, upload: StartedUpload): Promise<void> {
  await db
    .insertInto('upload')
    .values({ ...startedColumns(upload), state: 'receiving' })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/**
 * All bytes have arrived, but the client has not yet shown that it meant them to end there. `receivedAt` is the receipt
 * time. The upload need not have been noted before.
 */
export async function uploadUnconfirmed(
  db: Database,
  upload: StartedUpload,
  received: ReceivedBytes & { receivedAt: Date },
): Promise<void> {
  const columns = { state: 'unconfirmed' as const, received_at: received.receivedAt, ...receivedColumns(received) }
  await db
    .insertInto('upload')
    .values({ ...startedColumns(upload), ...columns })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns).where('upload.state', '=', 'receiving'))
    .execute()
}

/**
 * It broke off; nothing was published. `kept` says how many bytes stay under the hidden name for the account to continue,
 * null that nothing does.
 */
export async function uploadIncomplete(db: Database, id: string, kept: number | null): Promise<void> {
  await db
    .updateTable('upload')
    .set(kept === null ? { state: 'incomplete', temporary_name: null } : { state: 'incomplete', bytes: kept })
    .where('id', '=', id)
    .where('state', '!=', 'ready')
    .execute()
}

export interface Judgement {
  verdict: FileVerdict
  reason: string | null
}

const WAITING: Judgement = { verdict: 'waiting', reason: null }
/** How long an interrupted upload can be continued. */
const KEPT_SINCE = sql<Date>`now() - interval '24 hours'`

/**
 * Makes a published upload `ready`; the file that stood under that path before is gone then. `standing` says whether it
 * still stands there, or has been replaced or removed since, while the path is locked: so that of two uploads to one path
 * the ledger holds the one on the disk. A file that was found on the host and entered meanwhile keeps its entry. Answers
 * the hidden names of interrupted uploads to that path, which nobody continues any more.
 */
export async function uploadReady(
  db: Database,
  upload: { id: string; teamId: number; path: TeamPath; account: string | null; identity: FileIdentity | null },
  standing: () => Promise<Judgement | 'replaced' | undefined>,
): Promise<string[]> {
  const { id, teamId, path, account, identity } = upload
  return db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    const outcome = (await standing()) ?? WAITING
    if (outcome !== 'replaced') await gone(tx, teamId, path, identity)
    const marked = await tx
      .updateTable('upload')
      .set({
        state: 'ready',
        temporary_name: null,
        ...verdictColumns(outcome === 'replaced' ? WAITING : outcome),
        gone_at:
          outcome === 'replaced'
            ? sql<Date>`now()`
            : sql<Date | null>`(select now() from upload p where p.team_id = ${teamId} and p.path = ${path}
                and p.state = 'ready' and p.gone_at is null)`,
      })
      .where('id', '=', id)
      .where('state', '!=', 'ready')
      .returning(
        sql<boolean>`exists (select from upload k where k.team_id = ${teamId} and k.path = ${path}
          and k.state = 'incomplete' and k.temporary_name is not null)`.as('overKept'),
      )
      .executeTakeFirst()
    return account !== null && marked?.overKept ? forgetKept(tx, teamId, { path, account }) : []
  })
}

/** The account's own upload to `path` that broke off last, not long ago and behind whatever stands there. */
export async function interruptedUpload(
  db: Database,
  of: { teamId: number; account: string; path: TeamPath },
): Promise<{ id: string; temporaryName: string; bytes: number } | null> {
  const row = await db
    .selectFrom('upload')
    .select(['id', 'temporary_name', 'bytes'])
    .where('team_id', '=', of.teamId)
    .where('path', '=', of.path)
    .where('account', '=', of.account)
    .where('state', '=', 'incomplete')
    .where('temporary_name', 'is not', null)
    .where('started_at', '>', KEPT_SINCE)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('upload as later')
            .select('later.id')
            .whereRef('later.team_id', '=', 'upload.team_id')
            .whereRef('later.path', '=', 'upload.path')
            .where('later.state', '=', 'ready')
            .where('later.gone_at', 'is', null)
            .whereRef('later.received_at', '>', 'upload.started_at'),
        ),
      ),
    )
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.temporary_name ? { id: row.id, temporaryName: row.temporary_name, bytes: row.bytes } : null
}

/** The hidden names of interrupted uploads of a team that may still be continued. */
export async function keptUploads(db: Database, teamId: number): Promise<string[]> {
  const rows = await db
    .selectFrom('upload')
    .select('temporary_name')
    .where('team_id', '=', teamId)
    .where('state', '=', 'incomplete')
    .where('temporary_name', 'is not', null)
    .execute()
  return rows.flatMap(({ temporary_name }) => temporary_name ?? [])
}

/** Gives up interrupted uploads of a team: those to one path of one account, or those that are too old. Answers their hidden names. */
export async function forgetKept(
  db: Database,
  teamId: number,
  which: { path: TeamPath; account: string } | 'expired',
): Promise<string[]> {
  const condition =
    which === 'expired'
      ? sql<boolean>`started_at <= ${KEPT_SINCE}`
      : sql<boolean>`path = ${which.path} and account = ${which.account}`
  const { rows } = await sql<{ name: string }>`
    with kept as (
      select id, temporary_name from upload
      where team_id = ${teamId} and state = 'incomplete' and temporary_name is not null and ${condition}
      for update
    )
    update upload set temporary_name = null from kept where upload.id = kept.id
    returning kept.temporary_name as name`.execute(db)
  return rows.map(({ name }) => name)
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
 * Gives a file, or a folder with all that is in it, another name: `move` does so on the disk, while nobody else can enter a
 * file under either name. That counts as an arrival under the new name, so what stood under the old one is gone and an
 * upload of its own begins. Answers the paths that arrived.
 */
export async function renameUpload(
  db: Database,
  teamId: number,
  { from, to }: { from: TeamPath; to: TeamPath },
  move: (tx: Database) => Promise<unknown>,
): Promise<TeamPath[]> {
  return db.transaction().execute(async (tx) => {
    // In one order, or two who exchange names would wait for each other.
    for (const path of [from, to].sort()) await lockPath(tx, teamId, path)
    await move(tx)
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

/** Takes a file away: `remove` does so on the disk, while nobody else can enter one under its path. */
export async function removeUpload(
  db: Database,
  teamId: number,
  path: TeamPath,
  remove: (tx: Database) => Promise<unknown>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    await remove(tx)
    await gone(tx, teamId, path)
  })
}

/** Nothing was found under `path`. It is asked again while nobody can enter a file under it: one may have come since. */
export async function uploadVanished(
  db: Database,
  teamId: number,
  path: TeamPath,
  stands: () => Promise<boolean>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockPath(tx, teamId, path)
    if (!(await stands())) await gone(tx, teamId, path)
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

/**
 * The upload that brought this very file to `path`; the ledger may not have heard yet that it stands there. Nothing where it
 * came by other means, or has been changed since.
 */
export async function uploadOfFile(
  db: Database,
  teamId: number,
  path: TeamPath,
  { device, inode, bytes }: FileIdentity,
): Promise<Upload | undefined> {
  const row = await db
    .selectFrom('upload')
    .selectAll()
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where(sql<boolean>`(state = 'ready' and gone_at is null or state = 'unconfirmed')`)
    .where(sql<boolean>`device = ${String(device)} and inode = ${String(inode)} and bytes = ${bytes}`)
    .orderBy('received_at', 'desc')
    .limit(1)
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
      // In brackets of its own: the conditions are only strung together.
      sql<boolean>`(process is null or (
        not exists (select from pg_stat_activity a
          where a.datname = current_database() and a.application_name = upload.process)
        and pg_postmaster_start_time() < now() - make_interval(secs => ${RECONNECT_SECONDS})))`,
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

/** Without the entry of that very file, where it was found on the host. */
function gone(db: Database, teamId: number, path: TeamPath, except: FileIdentity | null = null): Promise<UploadRow[]> {
  let update = db
    .updateTable('upload')
    .set({ gone_at: sql<Date>`now()` })
    .where('team_id', '=', teamId)
    .where('path', '=', path)
    .where('state', '=', 'ready')
    .where('gone_at', 'is', null)
  if (except)
    update = update.where(
      sql<boolean>`not (source = 'host' and device = ${String(except.device)} and inode = ${String(except.inode)}
        and bytes = ${except.bytes})`,
    )
  return update.returningAll().execute()
}

/** Until the transaction ends nobody else gives this path to a file, or takes the file away; every process keeps to it. */
export async function lockPath(tx: Transaction<Tables>, teamId: number, path: TeamPath): Promise<void> {
  await sql`select pg_advisory_xact_lock(${teamId}::integer, hashtext(${path}))`.execute(tx)
}

function verdictColumns({ verdict, reason }: Judgement) {
  return { verdict, verdict_reason: reason, verdict_at: sql<Date>`now()` }
}

function startedColumns(upload: StartedUpload) {
  return {
    id: upload.id,
    team_id: upload.teamId,
    path: upload.path,
    source: upload.source,
    account: upload.account,
    address: upload.address,
    temporary_name: upload.temporaryName,
  }
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

import type { TeamPath } from '../../model/team-path.ts'
import type { FileIdentity, NoRoom, UploadSource } from '../../model/upload.ts'
import type { Database } from '../postgres/database.ts'
import { prepared } from '../postgres/prepared.ts'
import { wantUploadResult } from '../written/due-files.ts'

/** Noted in the ledger from the first byte on. */
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

/** Known once all bytes have arrived. */
export interface ReceivedBytes {
  bytes: number
  /** null where the bytes have not been read yet. */
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
  const { bytes, sha256, device, inode } = receivedColumns(received)
  const { id, teamId, path, source, account, address, temporaryName } = upload
  await enter(
    db,
    ...[id, teamId, path, source, account, address, temporaryName],
    ...[received.receivedAt, bytes, sha256, device, inode],
  )
}

const enter = prepared(
  'upload_unconfirmed',
  `insert into upload
    (id, team_id, path, source, account, address, temporary_name, state, received_at, bytes, sha256, device, inode)
  values ($1, $2, $3, $4, $5, $6, $7, 'unconfirmed', $8, $9, $10, $11, $12)
  on conflict (id) do update set state = excluded.state, received_at = excluded.received_at, bytes = excluded.bytes,
    sha256 = excluded.sha256, device = excluded.device, inode = excluded.inode
  where upload.state = 'receiving'`,
)

/**
 * It broke off; nothing was published. `kept` says how many bytes stay under the hidden name for the account to continue,
 * null that nothing does.
 */
export async function uploadIncomplete(
  db: Database,
  id: string,
  kept: number | null,
  noRoom: NoRoom | null = null,
): Promise<void> {
  await together(db, async (tx) => {
    await tx
      .updateTable('upload')
      .set({ state: 'incomplete', no_room: noRoom, ...(kept === null ? { temporary_name: null } : { bytes: kept }) })
      .where('id', '=', id)
      .where('state', '!=', 'ready')
      .execute()
    await wantUploadResult(tx, id)
  })
}

/** It was refused before a byte of it was taken. */
export async function uploadRefused(
  db: Database,
  upload: Omit<StartedUpload, 'temporaryName'>,
  noRoom: NoRoom,
): Promise<void> {
  await together(db, async (tx) => {
    await tx
      .insertInto('upload')
      .values({ ...startedColumns({ ...upload, temporaryName: null }), state: 'incomplete', no_room: noRoom })
      .execute()
    await wantUploadResult(tx, upload.id)
  })
}

function together(db: Database, work: (tx: Database) => Promise<void>): Promise<void> {
  return db.isTransaction ? work(db) : db.transaction().execute(work)
}

function startedColumns(upload: Omit<StartedUpload, 'temporaryName'> & { temporaryName: string | null }) {
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

export function receivedColumns({ bytes, sha256, identity }: ReceivedBytes) {
  return { bytes, sha256, device: String(identity.device), inode: String(identity.inode) }
}

import { randomUUID } from 'node:crypto'
import type { OpenFile } from '../../files/file-area.ts'
import { type BatchOptions, type BatchResult, importBatch } from '../../ingest/batch.ts'
import type { ImportSettings } from '../../model/import-settings.ts'
import type { BatchProgress } from '../../model/run.ts'
import { ROOT } from '../../model/team-path.ts'
import { learnSize } from '../../store/contacts/planning/statistics.ts'
import { type DatabasePool, inTransaction } from '../../store/postgres/database.ts'
import { finishImported } from '../../store/runs/batches.ts'
import { teamById } from '../../store/teams.ts'
import { fileOf } from './reading.ts'

let number = 0

export async function insertTeam({ db }: Pick<DatabasePool, 'db'>): Promise<number> {
  const { id } = await db
    .insertInto('team')
    .values({ team: `batch-team-${++number}`, name: 'Admissions', time_zone: 'America/New_York' })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** A file in memory, as a file area opens it. */
export function openFileOf(bytes: string | Buffer, chunkSize?: number): OpenFile {
  const content = fileOf(bytes, chunkSize)
  const now = new Date()
  return {
    entry: {
      name: 'a.csv',
      path: ROOT,
      kind: 'file',
      bytes: content.bytes,
      modifiedAt: now,
      changedAt: now,
      identity: { device: 1n, inode: 1n, bytes: content.bytes },
    },
    read: (start) => content.read(start),
    close: async () => {},
  }
}

export interface ImportedFile extends BatchResult {
  batchId: string
}

interface FileImport {
  settings: ImportSettings
  options?: BatchOptions
  signal?: AbortSignal
  progress?: (progress: BatchProgress) => void
}

/** Imports a file for a team, from its bytes to the end of its batch. */
export async function importBytes(
  { db, pool }: DatabasePool,
  teamId: number,
  file: string | Buffer | OpenFile,
  { settings, options = {}, signal = new AbortController().signal, progress = () => {} }: FileImport,
): Promise<ImportedFile> {
  const team = await teamById(db, teamId)
  if (!team) throw new Error(`there is no team ${teamId}`)
  const batchId = await parsingBatch(db, teamId, settings.version)
  const content = typeof file === 'string' || Buffer.isBuffer(file) ? openFileOf(file) : file
  await learnSize(pool)
  return inTransaction(pool, async (client, tx) => {
    const work = { batch: { id: batchId }, team, settings, signal, progress }
    const result = await importBatch(client, tx, content, work, options)
    await finishImported(tx, batchId, result)
    return { ...result, batchId }
  })
}

/** A batch that is being worked on, with a run of its own; answers its id. */
export async function parsingBatch(db: DatabasePool['db'], teamId: number, settingsVersion = 1): Promise<string> {
  const run = await db
    .insertInto('run')
    .values({ team_id: teamId, number: ++number, trigger: 'on_demand', state: 'imported' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const batchId = randomUUID()
  await db
    .insertInto('batch')
    .values({
      id: batchId,
      run_id: run.id,
      team_id: teamId,
      ordinal: 0,
      state: 'parsing',
      path: '/a.csv',
      file_name: 'a.csv',
      bytes: 1,
      settings_version: settingsVersion,
    })
    .execute()
  return batchId
}

/** Everything about the contacts of a team but what differs from import to import. */
export async function contactsOf({ db }: Pick<DatabasePool, 'db'>, teamId: number) {
  return db
    .selectFrom('contact')
    .select([
      'contact_id',
      'first_name',
      'last_name',
      'mobile_number',
      'staff_id',
      'custom_fields',
      'opted_out',
      'opt_out_source',
    ])
    .where('team_id', '=', teamId)
    .orderBy('contact_id')
    .execute()
}

export async function warningsOf({ db }: Pick<DatabasePool, 'db'>, batchId: string) {
  return db
    .selectFrom('record_warning')
    .select(['line', 'code', 'contact_id', 'message'])
    .where('batch_id', '=', batchId)
    .orderBy('code')
    .orderBy('line')
    .orderBy('message')
    .execute()
}

export async function errorsOf({ db }: Pick<DatabasePool, 'db'>, batchId: string) {
  return db
    .selectFrom('record_error')
    .select(['line', 'contact_id', 'errors', 'record_values'])
    .where('batch_id', '=', batchId)
    .orderBy('line')
    .execute()
}

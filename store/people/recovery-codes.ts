import { sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

/** Old codes stop working. */
export async function replaceRecoveryCodes(
  db: Database,
  administratorId: string,
  codeHashes: readonly Buffer[],
): Promise<void> {
  await endRecoveryCodes(db, administratorId)
  await db
    .insertInto('recovery_code')
    .values(codeHashes.map((code_hash) => ({ administrator_id: administratorId, code_hash })))
    .execute()
}

/** Uses a code up; false when this administrator has none such, or no more. */
export async function takeRecoveryCode(db: Database, administratorId: string, codeHash: Buffer): Promise<boolean> {
  const taken = await db
    .deleteFrom('recovery_code')
    .where('administrator_id', '=', administratorId)
    .where('code_hash', '=', codeHash)
    .executeTakeFirst()
  return taken.numDeletedRows > 0n
}

export async function recoveryCodesLeft(db: Database, administratorId: string): Promise<number> {
  const { left } = await db
    .selectFrom('recovery_code')
    .select(sql<number>`count(*)`.as('left'))
    .where('administrator_id', '=', administratorId)
    .executeTakeFirstOrThrow()
  return left
}

export async function endRecoveryCodes(db: Database, administratorId: string): Promise<void> {
  await db.deleteFrom('recovery_code').where('administrator_id', '=', administratorId).execute()
}

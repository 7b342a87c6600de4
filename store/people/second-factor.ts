import type { Database } from '../postgres/database.ts'
import { endRecoveryCodes } from './recovery-codes.ts'

export type SecondFactorRule = 'optional' | 'required'

/** Keeps a secret (sealed) that is not asked for before it has been confirmed. */
export async function proposeTotp(db: Database, administratorId: string, sealed: Buffer): Promise<void> {
  await db
    .updateTable('administrator')
    .set({ totp_secret: sealed, totp_on: false, totp_last_step: null })
    .where('id', '=', administratorId)
    .execute()
}

/** Sealed, and not switched on yet. */
export async function proposedTotp(db: Database, administratorId: string): Promise<Buffer | null> {
  const row = await db
    .selectFrom('administrator')
    .select('totp_secret')
    .where('id', '=', administratorId)
    .where('totp_on', '=', false)
    .executeTakeFirst()
  return row?.totp_secret ?? null
}

/** Takes the code of this time step, once; false when it or a later one was taken before. */
export async function takeTotpStep(db: Database, administratorId: string, step: number): Promise<boolean> {
  const taken = await db
    .updateTable('administrator')
    .set({ totp_last_step: step })
    .where('id', '=', administratorId)
    .where((eb) => eb.or([eb('totp_last_step', 'is', null), eb('totp_last_step', '<', step)]))
    .executeTakeFirst()
  return taken.numUpdatedRows > 0n
}

export async function turnTotpOn(db: Database, administratorId: string): Promise<void> {
  await db.updateTable('administrator').set({ totp_on: true }).where('id', '=', administratorId).execute()
}

/** Also removes the recovery codes. */
export async function turnTotpOff(db: Database, administratorId: string): Promise<void> {
  await endRecoveryCodes(db, administratorId)
  await db
    .updateTable('administrator')
    .set({ totp_on: false, totp_secret: null, totp_last_step: null })
    .where('id', '=', administratorId)
    .execute()
}

export async function secondFactorRule(db: Database): Promise<SecondFactorRule> {
  const { second_factor } = await db.selectFrom('installation').select('second_factor').executeTakeFirstOrThrow()
  return second_factor
}

export async function setSecondFactorRule(db: Database, rule: SecondFactorRule): Promise<void> {
  await db.updateTable('installation').set({ second_factor: rule }).where('sole', '=', true).execute()
}

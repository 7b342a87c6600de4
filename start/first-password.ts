import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Database } from '../store/postgres/database.ts'
import { ensureFirstAdministrator } from '../web/sign-in/first-administrator.ts'

/** Shows a generated password to the operator. */
export type ShowPassword = (email: string, password: string) => void

export const printPassword: ShowPassword = (email, password) => {
  process.stdout.write(
    `The first administrator is ${email} with the one-time password ${password} (it replaces every earlier one and has to be changed at the first sign-in)\n`,
  )
}

/** Call when nothing else can fail any more: the password shown must work. */
export async function offerFirstPassword(db: Database, config: Config, log: Log, show: ShowPassword): Promise<void> {
  const { ADMIN_EMAIL, ADMIN_PASSWORD = null } = config
  const first = await ensureFirstAdministrator(db, ADMIN_EMAIL, ADMIN_PASSWORD)
  if (first === null && ADMIN_PASSWORD !== null)
    log.warn(
      'ADMIN_PASSWORD is set and not used, because an owner has signed in before: remove it; the command reset-owner helps with a lost password',
    )
  if (first?.password) show(first.email, first.password)
}

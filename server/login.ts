import type { FileArea } from '../files/file-area.ts'
import { addressMatcher } from '../model/network.ts'
import { checkFtpLogin, type FtpLogin, ftpLoggedIn } from '../store/ftp-accounts.ts'
import type { Database } from '../store/postgres/database.ts'

export type Login = Readonly<FtpLogin>

/** A connection past its login. */
export interface LoggedIn extends Login {
  readonly area: FileArea
}

/**
 * Null for wrong credentials or a forbidden address; the client never learns which.
 * `onlyUsual` admits only an account that last logged in from that address.
 */
export async function login(
  { db, secret }: { db: Database; secret: Buffer },
  given: { username: string; password: string; address: string; onlyUsual: boolean },
): Promise<Login | null> {
  const found = await checkFtpLogin(db, secret, given.username, given.password)
  if (!found || !mayComeFrom(found.account.allowedAddresses, given.address)) return null
  if (given.onlyUsual && found.account.lastLoginAddress !== given.address) return null
  await ftpLoggedIn(db, found.account, given.address)
  return found
}

/** `allowed` holds addresses and CIDR networks; an empty list allows every address. */
export function mayComeFrom(allowed: readonly string[], address: string): boolean {
  return allowed.length === 0 || addressMatcher(allowed)(address)
}

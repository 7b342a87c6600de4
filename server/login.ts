import { BlockList, isIP } from 'node:net'
import type { FileArea } from '../files/file-area.ts'
import { checkFtpLogin, type FtpLogin, ftpLoggedIn } from '../store/ftp-accounts.ts'
import type { Database } from '../store/postgres/database.ts'

export type Login = Readonly<FtpLogin>

/** A connection past its login. */
export interface LoggedIn extends Login {
  readonly area: FileArea
}

/**
 * Whether these credentials open an account for a client at `address`; the client never learns which of them was wrong.
 * `onlyUsual` lets in only who came from that address last.
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
  if (allowed.length === 0) return true
  const list = new BlockList()
  for (const entry of allowed) {
    const [network = '', prefix] = entry.split('/')
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(prefix), family)
  }
  const plain = plainAddress(address)
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 address that a dual-stack socket shows as `::ffff:192.0.2.1`, as everyone writes it. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

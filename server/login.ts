import { BlockList, isIP } from 'node:net'
import type { Team } from '../model/team.ts'
import { checkFtpLogin, type FtpAccount } from '../store/accounts.ts'
import type { Database } from '../store/database.ts'

export interface Login {
  readonly account: FtpAccount
  readonly team: Team
}

/** Whether these credentials open an account for a client at `address`; the client never learns which of them was wrong. */
export async function login(
  { db, secret }: { db: Database; secret: Buffer },
  given: { username: string; password: string; address: string },
): Promise<Login | null> {
  const found = await checkFtpLogin(db, secret, given.username, given.password)
  return found && mayComeFrom(found.account.allowedAddresses, given.address) ? found : null
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

import { createHmac } from 'node:crypto'

/** SHA-256 works on blocks of so many bytes. */
const BLOCK = 64

/** The key of `hashed_number`, as a connection brings it along: that of HMAC (RFC 2104), padded for both of its rounds. */
export function numberKeySettings(secret: Buffer): string {
  const key = createHmac('sha256', secret).update('stopped-numbers').digest()
  const padded = (pad: number) =>
    Buffer.from(Uint8Array.from({ length: BLOCK }, (_, at) => pad ^ (key[at] ?? 0))).toString('hex')
  return `set rosterport.number_key_inner = '${padded(0x36)}'; set rosterport.number_key_outer = '${padded(0x5c)}'`
}

import { randomBytes } from 'node:crypto'
import { secretHash } from '../http/session-cookie.ts'
import { base32 } from './totp.ts'

const CODES = 10
/** 120 bits: enough that a plain hash of it cannot be guessed back. */
const BYTES = 15
const LETTERS = 24

/** What lets somebody in once each who has lost the authenticator app, in groups that can be typed. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () =>
    base32(randomBytes(BYTES))
      .toLowerCase()
      .replace(/(.{4})(?=.)/g, '$1-'),
  )
}

/** What the database knows a code by, however it is typed; null for what cannot be one. */
export function recoveryCodeHash(typed: string): Buffer | null {
  const letters = typed.toLowerCase().replace(/[^a-z0-9]/g, '')
  return letters.length === LETTERS ? secretHash(letters) : null
}

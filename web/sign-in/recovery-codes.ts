import { randomBytes } from 'node:crypto'
import { secretHash } from '../http/sessions/session-cookie.ts'
import { base32 } from './totp.ts'

const CODES = 10
/** 120 bits: enough that a plain hash of it cannot be guessed back. */
const BYTES = 15
const LETTERS = 24

/** Each works once instead of a code of the app. Written in groups, so that they can be typed. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () =>
    base32(randomBytes(BYTES))
      .toLowerCase()
      .replace(/(.{4})(?=.)/g, '$1-'),
  )
}

/** The same hash however the code is typed; null if it cannot be a recovery code. */
export function recoveryCodeHash(typed: string): Buffer | null {
  const letters = typed.toLowerCase().replace(/[^a-z0-9]/g, '')
  return letters.length === LETTERS ? secretHash(letters) : null
}

/** Other features import only from this file. */
export { chosenPassword } from './chosen-password.ts'
export { invitationLink } from './invitation-link.ts'
export type { Passwords } from './passwords.ts'
export { newRecoveryCodes, recoveryCodeHash } from './recovery-codes.ts'
export { base32, newTotpSecret, totpStep, totpUri } from './totp.ts'

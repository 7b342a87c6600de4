import type { openSessions } from '../../store/people/sessions.ts'
import type { Fault } from '../http/refusal.ts'

export interface AccountView {
  sessions: Awaited<ReturnType<typeof openSessions>>
  secondFactor: 'on' | 'off'
  /** This server asks for a second factor, and this person has none yet. */
  secondFactorMissing: boolean
  /** The otpauth address of a second factor that waits for its first code; shown by this very answer. */
  proposed: string | null
  /** Made by this very request, and shown by this answer alone. */
  recoveryCodes: readonly string[] | null
  recoveryCodesLeft: number
  /** The password was given so long ago that some things ask for it again. */
  passwordNeeded: boolean
  refused: { act: string; faults: readonly Fault[] } | null
}

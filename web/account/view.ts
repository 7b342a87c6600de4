import type { openSessions } from '../../store/people/sessions.ts'
import type { ApiToken } from '../../store/people/tokens.ts'
import type { Fault } from '../http/refusal.ts'

export interface AccountView {
  sessions: Awaited<ReturnType<typeof openSessions>>
  tokens: ApiToken[]
  secondFactor: 'on' | 'off'
  /** The password was printed at a start: the person must choose another first. */
  mustChangePassword: boolean
  /** This person must set up a second factor first. */
  secondFactorMissing: boolean
  /** The otpauth address of a second factor without a first code yet; only this answer shows it. */
  proposed: string | null
  /** Created by this request; only this answer shows them. */
  recoveryCodes: readonly string[] | null
  recoveryCodesLeft: number
  /** The password must be confirmed before tokens, owners or links can be created. */
  passwordNeeded: boolean
  refused: { act: string; faults: readonly Fault[] } | null
}

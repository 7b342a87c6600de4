/** A step that a session must complete first. */
export interface FirstDuty {
  /** The addresses that it reaches until then. */
  readonly reaches: readonly string[]
  /** Why everything else is refused, and what to do. */
  readonly told: string
}

export const CHOOSE_PASSWORD: FirstDuty = {
  reaches: ['/api/session', '/api/password', '/account', '/sign-out'],
  told: 'Choose a password of your own first: this one was printed when the server started (PUT /api/password with current and password).',
}

const SET_UP_SECOND_FACTOR: FirstDuty = {
  reaches: ['/api/session', '/api/session/proof', '/api/second-factor', '/account', '/sign-out'],
  told: 'Set up a second factor first: this server requires it (POST /api/second-factor).',
}

/** The password comes first: only its owner may set up the second factor. */
export function firstDutyOf(asker: { mustChangePassword: boolean; secondFactorMissing: boolean }): FirstDuty | null {
  if (asker.mustChangePassword) return CHOOSE_PASSWORD
  return asker.secondFactorMissing ? SET_UP_SECOND_FACTOR : null
}

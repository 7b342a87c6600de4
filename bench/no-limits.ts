import type { AccessLimits } from '../server/access-guard.ts'

const MOST = 1_000_000

/** Nothing that a benchmark does is refused or delayed. */
export const NO_LIMITS: AccessLimits = {
  maxConnections: MOST,
  maxPerAddress: MOST,
  maxPerAccount: MOST,
  banAfter: MOST,
  banMinutes: 1,
  delayMilliseconds: 0,
  beginning: { burst: MOST, perSecond: MOST },
  commands: { burst: MOST, perSecond: MOST },
}

import type { Context } from 'hono'
import { Refusal } from './refusal.ts'
import type { SignedInRequest } from './request-context.ts'

const HOLDS_MINUTES = 30

/** Whether the password was given lately; of a token nobody asks for one. */
export function passwordIsRecent({ var: { actor } }: Context<SignedInRequest>, now: Date): boolean {
  return actor.passwordGivenAt === null || now.getTime() - actor.passwordGivenAt.getTime() < HOLDS_MINUTES * 60_000
}

/** What makes a lasting way in is not for whoever finds an open browser: the password was given within half an hour. */
export function requireRecentPassword(c: Context<SignedInRequest>, now: Date): void {
  if (!passwordIsRecent(c, now))
    throw new Refusal(
      'forbidden',
      `Confirm your password first: you last entered it more than ${HOLDS_MINUTES} minutes ago. Do so at Your account (POST /api/session/proof), then try again.`,
    )
}

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
      `This asks for your password, as it was last given more than ${HOLDS_MINUTES} minutes ago: give it at Your account (POST /api/session/proof), then do this again.`,
    )
}

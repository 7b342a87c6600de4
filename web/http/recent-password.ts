import type { Context } from 'hono'
import { Refusal } from './refusal.ts'
import type { SignedInRequest } from './request-context.ts'

const HOLDS_MINUTES = 30

/** Tokens need no password. */
export function passwordIsRecent({ var: { actor } }: Context<SignedInRequest>, now: Date): boolean {
  return actor.passwordGivenAt === null || now.getTime() - actor.passwordGivenAt.getTime() < HOLDS_MINUTES * 60_000
}

/** Lasting access (tokens, owners, links) must not be open to someone who finds an unlocked browser. */
export function requireRecentPassword(c: Context<SignedInRequest>, now: Date): void {
  if (!passwordIsRecent(c, now))
    throw new Refusal(
      'forbidden',
      `Confirm your password first: you last entered it more than ${HOLDS_MINUTES} minutes ago. Do so at Your account (POST /api/session/proof), then try again.`,
    )
}

import type { Context } from 'hono'
import { Refusal } from '../refusal.ts'
import type { SignedInRequest } from '../request-context.ts'

const HOLDS_MINUTES = 30

/** For the pages: false where `requireRecentPassword` would refuse. */
export function passwordIsRecent({ var: { actor } }: Context<SignedInRequest>, now: Date): boolean {
  return actor.passwordGivenAt !== null && now.getTime() - actor.passwordGivenAt.getTime() < HOLDS_MINUTES * 60_000
}

/** A token acts for a person, but never makes another way in: what a thief made with it would outlive it. */
export function requireSession(c: Context<SignedInRequest>): void {
  if (!c.var.actor.session) throw new Refusal('forbidden', 'A token cannot do this. Sign in for this.')
}

/** Lasting access (tokens, owners, links) must not be open to someone who finds an unlocked browser or a token. */
export function requireRecentPassword(c: Context<SignedInRequest>, now: Date): void {
  requireSession(c)
  if (!passwordIsRecent(c, now))
    throw new Refusal(
      'forbidden',
      `Confirm your password first: you last entered it more than ${HOLDS_MINUTES} minutes ago. Do so at Your account (POST /api/session/proof), then try again.`,
    )
}

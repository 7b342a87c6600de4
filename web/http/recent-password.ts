import type { Context } from 'hono'
import { Refusal } from './errors.ts'
import type { Signed } from './request-context.ts'

const HOLDS_MINUTES = 30

/** Whether the password was given lately; of a token nobody asks for one. */
export function isProven({ var: { actor } }: Context<Signed>, now: Date): boolean {
  return actor.provenAt === null || now.getTime() - actor.provenAt.getTime() < HOLDS_MINUTES * 60_000
}

/** What makes a lasting way in is not for whoever finds an open browser: the password was given within half an hour. */
export function provenOnly(c: Context<Signed>, now: Date): void {
  if (!isProven(c, now))
    throw new Refusal(
      'forbidden',
      `This asks for your password, as it was last given more than ${HOLDS_MINUTES} minutes ago: give it at Your account (POST /api/session/proof), then do this again.`,
    )
}

import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { countTokens, createToken, listTokens, removeToken } from '../../store/people/tokens.ts'
import type { Database } from '../../store/postgres/database.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, pathId } from '../http/requests.ts'
import { requireRecentPassword } from '../http/sessions/recent-password.ts'
import { newSecret, secretHash } from '../http/sessions/session-cookie.ts'

export const newToken = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'Enter a name for the token.')
    .max(100)
    .describe('Name of the token, for example the program that uses it. 1 to 100 characters.'),
  team: z
    .string()
    .max(63)
    .nullish()
    .describe('Short name of the only team that it can access. Null or left out: all teams that you can access.'),
  access: z
    .enum(['full', 'read_only'])
    .default('full')
    .describe('`full` (default): read and change. `read_only`: read only.'),
})

/** Each program has one of its own, and each is to be seen on one page. */
const MOST_TOKENS = 100

/** Lets people and secret scanners recognise a token. */
const PREFIX = 'rosterport_'

export function tokenRoutes(db: Database, now: () => Date) {
  return new Hono<SignedInRequest>()
    .post('/api/tokens', async (c) => {
      wholeAdministratorsOnly(c)
      requireRecentPassword(c, now())
      const { name, team: slug, access } = await jsonBody(c, newToken)
      const team = slug ? await c.var.teams.mine(slug) : null
      const token = PREFIX + newSecret()
      const { administratorId } = c.var.actor
      if ((await countTokens(db, administratorId)) >= MOST_TOKENS)
        throw new Refusal('conflict', `You have ${MOST_TOKENS} tokens. Delete one that nothing uses first.`)
      const id = await db.transaction().execute(async (transaction) => {
        const made = { name, tokenHash: secretHash(token), teamId: team?.id ?? null, access, administratorId }
        const id = await createToken(transaction, made)
        const event = { action: 'token.create', team: team ?? undefined, subject: name, details: { id, access } }
        await auditRequest(transaction, c, event)
        return id
      })
      return c.json({ id, name, token }, 201)
    })
    .get('/api/tokens', async (c) => {
      wholeAdministratorsOnly(c)
      return c.json({ items: await listTokens(db, c.var.actor.administratorId), next: null })
    })
    .delete('/api/tokens/:id', async (c) => {
      wholeAdministratorsOnly(c)
      const id = pathId(c, 'token')
      await db.transaction().execute(async (transaction) => {
        const name = await removeToken(transaction, c.var.actor.administratorId, id)
        if (name === null) throw notFound('token')
        await auditRequest(transaction, c, { action: 'token.delete', subject: name, details: { id } })
      })
      return c.body(null, 204)
    })
}

/** A token of one team must not create a token of more teams. */
function wholeAdministratorsOnly(c: Context<SignedInRequest>): void {
  if (c.var.actor.bound) throw new Refusal('forbidden', 'A token of one team cannot see or make tokens.')
}

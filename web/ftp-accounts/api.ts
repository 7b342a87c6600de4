import { Hono } from 'hono'
import { z } from 'zod'
import { boundedText } from '../../model/limits/bounded-text.ts'
import {
  createFtpAccount,
  deleteFtpAccount,
  FTP_USERNAME,
  ftpAccount,
  listFtpAccounts,
  renewFtpPassword,
  updateFtpAccount,
} from '../../store/ftp-accounts.ts'
import type { Database } from '../../store/postgres/database.ts'
import { listAnswer } from '../http/answers/list-answer.ts'
import { auditDiff } from '../http/audit-diff.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { jsonBody, limit, queryOf, textCursor } from '../http/requests.ts'

const permissions = z
  .enum(['upload', 'full'])
  .describe('`upload` (default): upload, list, rename and delete own uploads. `full`: change every file of the team.')
const publicKeys = z
  .array(
    boundedText(16_384)
      .trim()
      .regex(
        /^(ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\r\n]*)?$/,
        'This is not a public key on one line, such as "ssh-ed25519 AAAA...".',
      ),
  )
  .max(20)
  .describe('SSH public keys that may sign in by SFTP, one line each. At most 20; default none.')
const network = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()].map((kind) => boundedText(50).check(kind)),
  {
    error: 'This is not an IP address or a network such as 192.0.2.0/24.',
  },
)
const allowedAddresses = z
  .array(network)
  .max(100)
  .describe('IP addresses and networks (CIDR) that may connect, at most 100. Empty (default): any address may connect.')

export const newAccount = z.strictObject({
  username: boundedText(64)
    .regex(FTP_USERNAME, 'A user name has 1 to 64 of the characters A-Z, a-z, 0-9, dot, dash and underscore.')
    .describe('User name, unique on this server: 1 to 64 of A-Z, a-z, 0-9, dot, dash and underscore.'),
  permissions: permissions.default('upload'),
  publicKeys: publicKeys.default([]),
  allowedAddresses: allowedAddresses.default([]),
})

export const accountChanges = z
  .strictObject({
    permissions,
    publicKeys,
    allowedAddresses,
    enabled: z.boolean().describe('False: the account cannot log in.'),
  })
  .partial()

export const accountsQuery = z.object({ after: textCursor, limit })

/** `secret` is the key under which passwords are stored. */
export function ftpAccountRoutes(db: Database, secret: Buffer) {
  const path = '/api/teams/:team/ftp-accounts'
  return new Hono<SignedInRequest>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return listAnswer(c, queryOf(c, accountsQuery), (part) => listFtpAccounts(db, team.id, part))
    })
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const wanted = await jsonBody(c, newAccount)
      const { username, ...details } = wanted
      const password = await db.transaction().execute(async (tx) => {
        const made = await createFtpAccount(tx, secret, team.id, wanted)
        if (!made.ok) throw new Refusal('conflict', `The user name "${username}" is taken.`)
        await auditRequest(tx, c, { action: 'ftp-account.create', team, subject: username, details })
        return made.password
      })
      return c.json({ username, password }, 201)
    })
    .patch(`${path}/:username`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const changes = await jsonBody(c, accountChanges)
      const account = await db.transaction().execute(async (tx) => {
        const before = await ftpAccount(tx, team.id, c.req.param('username'))
        const account = await updateFtpAccount(tx, team.id, c.req.param('username'), changes)
        if (!before || !account) throw notFound('FTP account')
        const details = auditDiff(before, account)
        await auditRequest(tx, c, { action: 'ftp-account.change', team, subject: account.username, details })
        return account
      })
      return c.json(account)
    })
    .delete(`${path}/:username`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const username = c.req.param('username')
      await db.transaction().execute(async (tx) => {
        if (!(await deleteFtpAccount(tx, team.id, username))) throw notFound('FTP account')
        await auditRequest(tx, c, { action: 'ftp-account.delete', team, subject: username })
      })
      return c.body(null, 204)
    })
    .post(`${path}/:username/password`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const username = c.req.param('username')
      const password = await db.transaction().execute(async (tx) => {
        const renewed = await renewFtpPassword(tx, secret, team.id, username)
        if (renewed === undefined) throw notFound('FTP account')
        await auditRequest(tx, c, { action: 'ftp-account.new-password', team, subject: username })
        return renewed
      })
      return c.json({ username, password }, 201)
    })
}

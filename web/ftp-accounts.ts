import { Hono } from 'hono'
import { z } from 'zod'
import type { Database } from '../store/database.ts'
import { notFound, Refusal } from './errors.ts'
import { jsonBody } from './requests.ts'
import { auditRequest, type Signed } from './signed.ts'

/** An FTP account as its administrator sees it. */
export interface FtpAccount {
  username: string
  permissions: 'upload' | 'full'
  publicKeys: string[]
  /** Addresses or CIDR; empty: any. */
  allowedAddresses: string[]
  enabled: boolean
  createdAt: Date
  lastLoginAt: Date | null
}

export interface NewFtpAccount {
  username: string
  permissions: 'upload' | 'full'
  publicKeys: string[]
  allowedAddresses: string[]
}

export interface FtpAccountChanges {
  permissions?: 'upload' | 'full' | undefined
  publicKeys?: string[] | undefined
  allowedAddresses?: string[] | undefined
  enabled?: boolean | undefined
}

/** The FTP accounts of a team. A password is made by the service and can be read only once, in the answer. */
export interface FtpAccounts {
  list(teamId: number): Promise<FtpAccount[]>
  /** Null when the name is taken, by whichever team. */
  create(teamId: number, account: NewFtpAccount): Promise<{ username: string; password: string } | null>
  /** Null when the team has no such account. */
  update(teamId: number, username: string, changes: FtpAccountChanges): Promise<FtpAccount | null>
  /** False when the team has no such account. */
  remove(teamId: number, username: string): Promise<boolean>
  /** The new password; null when the team has no such account. */
  newPassword(teamId: number, username: string): Promise<string | null>
}

const permissions = z.enum(['upload', 'full'])
const publicKeys = z
  .array(
    z
      .string()
      .trim()
      .max(16_384)
      .regex(
        /^(ssh-|ecdsa-|sk-)[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+( [^\r\n]*)?$/,
        'This is not a public key in one line, as for instance "ssh-ed25519 AAAA...".',
      ),
  )
  .max(20)
const network = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'This is neither an address nor a network, as for instance 192.0.2.0/24.',
})
const allowedAddresses = z.array(network).max(100)

const newAccount = z.strictObject({
  username: z
    .string()
    .regex(
      /^[A-Za-z0-9._-]{1,64}$/,
      'A user name has 1 to 64 of the characters A-Z, a-z, 0-9, dot, dash and underscore.',
    ),
  permissions: permissions.default('upload'),
  publicKeys: publicKeys.default([]),
  allowedAddresses: allowedAddresses.default([]),
})

const accountChanges = z.strictObject({ permissions, publicKeys, allowedAddresses, enabled: z.boolean() }).partial()

export function ftpAccountRoutes(db: Database, accounts: FtpAccounts) {
  const path = '/api/teams/:team/ftp-accounts'
  return new Hono<Signed>()
    .get(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      return c.json({ items: await accounts.list(team.id), next: null })
    })
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const wanted = await jsonBody(c, newAccount)
      const made = await accounts.create(team.id, wanted)
      if (!made) throw new Refusal('conflict', `The user name "${wanted.username}" is taken.`)
      const { username, ...details } = wanted
      await auditRequest(db, c, { action: 'ftp-account.create', team, subject: username, details })
      return c.json(made, 201)
    })
    .patch(`${path}/:username`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const changes = await jsonBody(c, accountChanges)
      const account = await accounts.update(team.id, c.req.param('username'), changes)
      if (!account) throw notFound('FTP account')
      await auditRequest(db, c, {
        action: 'ftp-account.change',
        team,
        subject: account.username,
        details: { ...changes },
      })
      return c.json(account)
    })
    .delete(`${path}/:username`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const username = c.req.param('username')
      if (!(await accounts.remove(team.id, username))) throw notFound('FTP account')
      await auditRequest(db, c, { action: 'ftp-account.delete', team, subject: username })
      return c.body(null, 204)
    })
    .post(`${path}/:username/password`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const username = c.req.param('username')
      const password = await accounts.newPassword(team.id, username)
      if (password === null) throw notFound('FTP account')
      await auditRequest(db, c, { action: 'ftp-account.new-password', team, subject: username })
      return c.json({ username, password }, 201)
    })
}

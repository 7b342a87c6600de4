import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Team } from '../../model/team.ts'
import { firstUsername, ftpAccount, listFtpAccounts } from '../../store/ftp-accounts.ts'
import { lastUploads } from '../../store/runs/import-figures.ts'
import { currentSettings } from '../../store/settings.ts'
import type { CallApi } from '../http/call-api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { formBody, queryOf, textCursor } from '../http/requests.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import { ftpAccountsPage } from './ftp-accounts.tsx'
import type { FtpAccountsView } from './view.ts'

const text = z.string().default('')
const listQuery = z.object({ search: z.string().trim().max(64).optional(), after: textCursor })
/** An account may hold 20 keys and 100 addresses, each of which is in its form. */
const ACCOUNTS_PER_PAGE = 50
const newAccount = z.object({ username: text, permissions: text, allowedAddresses: text, publicKeys: text })

const accountChange = z.object({ allowedAddresses: text, publicKeys: text })

type Made = NonNullable<FtpAccountsView['made']>

/** The API change behind each button of an account. */
const ACTS = {
  off: { enabled: false },
  on: { enabled: true },
  upload: { permissions: 'upload' },
  full: { permissions: 'full' },
} as const

export interface FtpAccountsPageParts extends FrameParts {
  call: CallApi
  server: ServerFacts
}

export function ftpAccountsPages(parts: FtpAccountsPageParts) {
  const { db, call, server } = parts
  const path = '/teams/:team/ftp-accounts'
  const show = async (
    c: Context<SignedInRequest>,
    team: Team,
    more: Partial<Pick<FtpAccountsView, 'made' | 'refused' | 'refusedChange'>> = {},
  ) => {
    const shown = await shownAccounts(c, team, more.made?.username ?? more.refusedChange?.username)
    const { accounts } = shown
    const [frame, settings, username, uploads] = await Promise.all([
      frameOf(c, parts, team),
      currentSettings(db, team.id),
      firstUsername(db, team.id),
      lastUploads(
        db,
        team.id,
        accounts.map(({ username }) => username),
      ),
    ])
    const none = { made: null, refused: null, refusedChange: null }
    const view = { team, ...shown, username, settings, server, lastUploads: uploads, ...none, ...more }
    return c.html(ftpAccountsPage(frame, view), more.refused || more.refusedChange ? 422 : 200)
  }
  /** A page of the accounts; the account that this request changed is among them. */
  const shownAccounts = async (c: Context<SignedInRequest>, team: Team, changed: string | undefined) => {
    const { search = '', after = null } = queryOf(c, listQuery)
    const page = await listFtpAccounts(db, team.id, { search, after: after ?? undefined, limit: ACCOUNTS_PER_PAGE })
    const one = changed === undefined ? undefined : await ftpAccount(db, team.id, changed)
    const accounts = one && !page.items.some(({ username }) => username === changed) ? [one, ...page.items] : page.items
    return { accounts, search, after, next: page.next }
  }
  return new Hono<SignedInRequest>()
    .get(path, async (c) => show(c, await c.var.teams.mine(c.req.param('team'))))
    .post(path, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const form = await formBody(c, newAccount)
      const body = {
        username: form.username.trim(),
        permissions: form.permissions || 'upload',
        allowedAddresses: lines(form.allowedAddresses),
        publicKeys: lines(form.publicKeys),
      }
      const answer = await call<Made>(c, 'POST', `/api/teams/${team.team}/ftp-accounts`, body)
      // No redirect: only this answer shows the password.
      if (answer.ok) return show(c, team, { made: answer.body })
      const faults = answer.faults.length > 0 ? answer.faults : [{ path: 'username', message: answer.detail }]
      const onFields = faults.map(({ path, message }) => ({ path: path.split('.')[0] as string, message }))
      return show(c, team, { refused: { form, faults: onFields } })
    })
    .post(`${path}/:username/change`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { username } = c.req.param()
      const form = await formBody(c, accountChange)
      const body = { allowedAddresses: lines(form.allowedAddresses), publicKeys: lines(form.publicKeys) }
      const account = `/api/teams/${team.team}/ftp-accounts/${encodeURIComponent(username)}`
      const answer = await call(c, 'PATCH', account, body)
      if (answer.ok) return c.redirect(`/teams/${team.team}/ftp-accounts?done=account-changed`, 303)
      if (answer.status === 404) throw notFound('FTP account')
      if (answer.status !== 422) throw new Refusal('forbidden', answer.detail)
      return show(c, team, { refusedChange: { username, form, faults: answer.faults } })
    })
    .post(`${path}/:username/:act`, async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const { username, act } = c.req.param()
      const account = `/api/teams/${team.team}/ftp-accounts/${encodeURIComponent(username)}`
      const failed = ({ status, detail }: { status: number; detail: string }) =>
        status === 404 ? notFound('FTP account') : new Refusal('invalid', detail)
      if (act === 'password') {
        const renewed = await call<Made>(c, 'POST', `${account}/password`)
        if (!renewed.ok) throw failed(renewed)
        return show(c, team, { made: renewed.body })
      }
      if (act !== 'remove' && !Object.hasOwn(ACTS, act)) throw notFound('page')
      const answer =
        act === 'remove'
          ? await call(c, 'DELETE', account)
          : await call(c, 'PATCH', account, ACTS[act as keyof typeof ACTS])
      if (!answer.ok) throw failed(answer)
      const done = act === 'remove' ? 'account-removed' : 'account-changed'
      return c.redirect(`/teams/${team.team}/ftp-accounts?done=${done}`, 303)
    })
}

function lines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

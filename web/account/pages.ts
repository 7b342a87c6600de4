import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { endSessionsOf, openSessions } from '../../store/people/sessions.ts'
import { listTokens } from '../../store/people/tokens.ts'
import type { CallApi } from '../http/call-api.ts'
import { Refusal } from '../http/refusal.ts'
import { auditRequest, type SignedInRequest } from '../http/request-context.ts'
import { formBody } from '../http/requests.ts'
import { CHOOSE_PASSWORD } from '../http/sessions/first-duties.ts'
import { passwordIsRecent } from '../http/sessions/recent-password.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { accountPage } from './account.tsx'
import type { AccountView } from './view.ts'

const text = z.string().default('')
const form = z.object({
  act: z.enum(['password', 'begin', 'confirm', 'off', 'codes', 'prove', 'end', 'end-all', 'delete-token']),
  current: text,
  password: text,
  own: text,
  code: text,
  proof: text,
  /** The otpauth address, shown again after a wrong code. */
  uri: text,
  session: text,
  token: text,
})

export interface AccountPageParts extends FrameParts {
  call: CallApi
}

/**
 * The own account. All of it is at one address, as a person who must choose a password or set up a second factor first
 * can reach only this page.
 */
export function accountPages(parts: AccountPageParts) {
  const { db, call, now } = parts
  const personOnly = (c: Context<SignedInRequest>) => {
    if (!c.var.actor.session) throw new Refusal('forbidden', 'A token cannot do this. Sign in instead.')
  }
  const show = async (
    c: Context<SignedInRequest>,
    more: Partial<Pick<AccountView, 'proposed' | 'recoveryCodes' | 'refused'>> = {},
  ) => {
    const { administratorId, session } = c.var.actor
    const state = await call<{ state: 'on' | 'off'; recoveryCodesLeft: number }>(c, 'GET', '/api/second-factor')
    const secondFactor = state.ok ? state.body.state : 'off'
    const { mustChangePassword } = c.var.actor
    // This request may just have turned it on.
    const secondFactorMissing = c.var.actor.secondFactorMissing && secondFactor === 'off'
    const view: AccountView = {
      sessions: await openSessions(db, administratorId, session, now()),
      tokens: await listTokens(db, administratorId),
      secondFactor,
      mustChangePassword,
      secondFactorMissing,
      recoveryCodesLeft: state.ok ? state.body.recoveryCodesLeft : 0,
      passwordNeeded: !passwordIsRecent(c, now()),
      proposed: null,
      recoveryCodes: null,
      refused: null,
      ...more,
    }
    const frame = await frameOf(c, parts)
    // Every other page would only lead back to here.
    const shown = mustChangePassword || secondFactorMissing ? { ...frame, teams: [], owner: false } : frame
    return c.html(accountPage(shown, view), more.refused ? 422 : 200)
  }
  return new Hono<SignedInRequest>()
    .get('/account', (c) => {
      personOnly(c)
      return show(c)
    })
    .post('/account', async (c) => {
      personOnly(c)
      const given = await formBody(c, form)
      const { mustChangePassword } = c.var.actor
      if (mustChangePassword && given.act !== 'password') throw new Refusal('forbidden', CHOOSE_PASSWORD.told)
      if (given.act === 'end-all') {
        const { administratorId } = c.var.actor
        await db.transaction().execute(async (tx) => {
          await endSessionsOf(tx, administratorId, null)
          await auditRequest(tx, c, { action: 'session.end' })
        })
        return c.redirect('/sign-in', 303)
      }
      const { current, password, own, code, proof } = given
      const change = (method: string, path: string, body?: unknown) => call<Partial<Made>>(c, method, path, body)
      const answer = await {
        password: () => change('PUT', '/api/password', { current, password }),
        begin: () => change('POST', '/api/second-factor', { password: own }),
        confirm: () => change('PUT', '/api/second-factor', { code }),
        off: () => change('DELETE', '/api/second-factor', { password: own }),
        codes: () => change('POST', '/api/recovery-codes', { password: own }),
        prove: () => change('POST', '/api/session/proof', { password: proof }),
        end: () => change('DELETE', `/api/sessions/${encodeURIComponent(given.session)}`),
        'delete-token': () => change('DELETE', `/api/tokens/${encodeURIComponent(given.token)}`),
      }[given.act]()
      const proposed = given.act === 'confirm' && given.uri.startsWith('otpauth://totp/') ? given.uri : null
      if (!answer.ok) {
        if (answer.status === 403) throw new Refusal('forbidden', answer.detail)
        if (answer.status === 429) throw new Refusal('too-many', answer.detail)
        const on = {
          password: 'current',
          begin: 'own',
          off: 'own',
          confirm: 'code',
          codes: 'own',
          prove: 'proof',
          end: 'sessions',
          'delete-token': 'tokens',
        }[given.act]
        const faults = (answer.faults.length > 0 ? answer.faults : [{ path: on, message: answer.detail }]).map(
          ({ path, message }) => ({ path: on === 'own' || on === 'proof' ? on : path, message }),
        )
        return show(c, { proposed, refused: { act: given.act, faults } })
      }
      // No redirect: only this answer shows the secret.
      if (given.act === 'begin') return show(c, { proposed: answer.body.uri ?? null })
      if (given.act === 'confirm' || given.act === 'codes')
        return show(c, { recoveryCodes: answer.body.recoveryCodes ?? null })
      return c.redirect(`${mustChangePassword ? '/' : '/account'}?done=${DONE[given.act]}`, 303)
    })
}

/** Secrets in the answers of the API that only one page shows. */
interface Made {
  uri: string
  recoveryCodes: string[]
}

const DONE = {
  password: 'password-changed',
  prove: 'proven',
  off: 'second-factor-off',
  end: 'session-ended',
  'delete-token': 'token-deleted',
}

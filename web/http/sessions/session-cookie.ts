import { createHash, randomBytes } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { useSession } from '../../../store/people/sessions.ts'
import { useToken } from '../../../store/people/tokens.ts'
import type { Database } from '../../../store/postgres/database.ts'
import type { Wall } from '../../../store/postgres/row-security.ts'
import type { Look } from '../look.ts'
import { Refusal } from '../refusal.ts'
import type { Actor, SignedInRequest } from '../request-context.ts'
import { TeamScope } from '../team-scope.ts'
import { wantsHtml } from '../wants-html.ts'
import { firstDutyOf } from './first-duties.ts'
import type { FormTokens } from './form-tokens.ts'
import { hasLostRights, type KeptRights } from './kept-rights.ts'
import { pageBefore, type UnsentForm, unsentFormOf } from './unsent-form.ts'

const SECRET_BYTES = 32
const COOKIE = 'rosterport'

/** The cookie that holds a session. `__Host-` binds it to this host and to TLS; browsers refuse that name on plain HTTP. */
export class SessionCookie {
  readonly #secure: boolean
  readonly #name: string
  constructor(secure: boolean) {
    this.#secure = secure
    this.#name = secure ? `__Host-${COOKIE}` : COOKIE
  }

  read(c: Context): string | null {
    return getCookie(c, this.#name) ?? null
  }

  write(c: Context, secret: string): void {
    setCookie(c, this.#name, secret, { path: '/', httpOnly: true, sameSite: 'Lax', secure: this.#secure })
  }

  clear(c: Context): void {
    deleteCookie(c, this.#name, { path: '/', secure: this.#secure })
  }
}

/** For a cookie, a token or a link; too long to guess. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url')
}

/** The database holds only this hash, which is useless for signing in. */
export function secretHash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

interface SignInWays {
  forms: FormTokens
  kept: KeptRights
  /** The sign-in page for a person whose form came without a session; it keeps the form. */
  signInAgain(look: Look, to: string, unsent: UnsentForm): Html
}
type Html = string | Promise<string>

/**
 * Refuses requests without a valid session or token, and limits the rest to the teams of the person. Routes before it in
 * the app are open to all.
 */
export function requireSignIn(
  { db, within }: Wall,
  cookie: SessionCookie,
  { forms, kept, signInAgain }: SignInWays,
  now: () => Date,
): MiddlewareHandler<SignedInRequest> {
  return async (c, next) => {
    const bearer = bearerOf(c)
    const secret = cookie.read(c)
    // With a token the cookie is ignored: one request, one identity.
    const identify = async (purpose: 'use' | 'look') => {
      if (bearer !== null) return actorOfToken(db, bearer, now(), purpose)
      return secret === null ? null : actorOfSession(db, secret, now(), purpose)
    }
    const actor = await identify(asksByItself(c) ? 'look' : 'use')
    if (!actor) {
      const { pathname, search } = new URL(c.req.url)
      const askFor = (to: string) => c.redirect(to === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(to)}`, 303)
      if (wantsHtml(c) && isSafe(c)) return askFor(pathname + search)
      if (wantsHtml(c) && bearer === null) {
        const unsent = await unsentFormOf(c)
        return unsent ? c.html(signInAgain(c.var.look, pageBefore(c), unsent), 401) : askFor(pageBefore(c))
      }
      c.header('WWW-Authenticate', 'Bearer')
      throw new Refusal('unauthenticated', 'Sign in, or send a valid token: Authorization: Bearer TOKEN.')
    }
    if (actor.readOnly && !isSafe(c)) throw new Refusal('forbidden', 'This token is read-only.')
    const duty = firstDutyOf(actor)
    if (duty && !duty.reaches.includes(c.req.path)) {
      if (wantsHtml(c) && isSafe(c)) return c.redirect('/account', 303)
      throw new Refusal('forbidden', duty.told)
    }
    c.set('actor', actor)
    c.set('formToken', actor.session && forms.of(actor.session))
    const teams = new TeamScope(db, actor.teams)
    c.set('teams', teams)
    kept.watch(c, async () => {
      const again = await identify('look')
      return again !== null && !hasLostRights(actor, again) && (await within(again.teams, () => teams.areThere()))
    })
    await within(actor.teams, next)
  }
}

/** A page of another site can make a browser send our cookie, but not a false Origin. */
export function sameOrigin(publicUrl: URL, cookie: SessionCookie): MiddlewareHandler {
  return async (c, next) => {
    if (!isSafe(c) && bearerOf(c) === null) {
      const origin = c.req.header('Origin')
      if (origin === undefined ? cookie.read(c) !== null : !isOwn(origin, publicUrl, c.req.header('Host')))
        throw new Refusal(
          'forbidden',
          'A change with a session needs an Origin header of this server. Use a token where there is no browser.',
        )
    }
    await next()
  }
}

function isOwn(origin: string, publicUrl: URL, host: string | undefined): boolean {
  if (origin === publicUrl.origin) return true
  // Where the session is bound to TLS, a page without TLS is another site, whatever its name.
  const schemes = publicUrl.protocol === 'https:' ? ['https'] : ['http', 'https']
  return host !== undefined && schemes.some((scheme) => origin === `${scheme}://${host}`)
}

function isSafe(c: Context): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD'
}

/** The API token of a request. */
export function bearerOf(c: Context): string | null {
  return /^Bearer +(\S+) *$/i.exec(c.req.header('Authorization') ?? '')?.[1] ?? null
}

/** Open pages ask for the health of the server now and then, and for updates. */
function asksByItself(c: Context): boolean {
  return isSafe(c) && (c.req.path === '/server-health' || (c.req.header('Accept') ?? '').includes('text/event-stream'))
}

async function actorOfSession(db: Database, secret: string, now: Date, purpose: 'use' | 'look'): Promise<Actor | null> {
  const session = secretHash(secret)
  const used = await useSession(db, session, now, purpose)
  if (!used) return null
  const { administrator, provenAt: passwordGivenAt } = used
  const { id, email, role, teams } = administrator
  const owner = role === 'owner'
  return {
    kind: 'administrator',
    administratorId: id,
    email,
    token: null,
    owner,
    teams,
    bound: false,
    readOnly: false,
    mustChangePassword: administrator.mustChangePassword,
    secondFactorMissing: administrator.secondFactorMissing,
    session,
    passwordGivenAt,
  }
}

async function actorOfToken(db: Database, secret: string, now: Date, purpose: 'use' | 'look'): Promise<Actor | null> {
  const token = await useToken(db, secretHash(secret), now, purpose)
  if (!token) return null
  const { id, email, role, teams } = token.maker
  const { teamId } = token
  return {
    kind: 'token',
    administratorId: id,
    email,
    token: token.name,
    // A token of one team works only as long as its owner can access that team.
    owner: role === 'owner' && teamId === null,
    teams: teamId === null ? teams : teams === 'all' || teams.includes(teamId) ? [teamId] : [],
    bound: teamId !== null,
    readOnly: token.access === 'read_only',
    mustChangePassword: false,
    secondFactorMissing: false,
    session: null,
    passwordGivenAt: null,
  }
}

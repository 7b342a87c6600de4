import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { AuditActor } from '../../model/audit.ts'
import { type AuditEvent, audit } from '../../store/audit.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { TeamIds } from '../../store/teams.ts'
import type { Look } from '../ui/theme.ts'
import { Refusal } from './errors.ts'
import type { TeamScope } from './team-scope.ts'

/** Who makes a request. */
export interface Actor {
  readonly kind: 'administrator' | 'token'
  readonly administratorId: string
  /** Of the administrator, or of the one whose token it is. */
  readonly email: string
  /** The name of the token, if one is used. */
  readonly token: string | null
  readonly owner: boolean
  readonly teams: TeamIds
  /** A token that opens one team, whatever else its maker may see. */
  readonly bound: boolean
  readonly readOnly: boolean
  /** A person who may do nothing else before they have set up a second factor. */
  readonly secondFactorMissing: boolean
  /** What the session is known by in the database, if there is one. */
  readonly session: Buffer | null
  /** When the password was last given in this session; null for a token. */
  readonly provenAt: Date | null
}

/** What every request has, signed in or not. */
export interface Reached {
  Bindings: HttpBindings
  Variables: {
    address: string
    look: Look
    /** Under which the log tells of this request. */
    reference: string
  }
}

/** What a request has once it is known who makes it. */
export interface Signed extends Reached {
  Variables: Reached['Variables'] & {
    actor: Actor
    teams: TeamScope
    /** What the forms of this session hold; null where there is no session. */
    formToken: string | null
  }
}

/** Writes into the audit that the one who makes this request did `event`. */
export function auditRequest(db: Database, c: Context<Signed>, event: AuditEvent): Promise<void> {
  return audit(db, auditActor(c), event)
}

/** Whoever makes this request, as the audit knows them. */
export function auditActor(c: Context<Signed>): AuditActor {
  const { actor, address } = c.var
  const name = actor.token === null ? actor.email : `${actor.token} (${actor.email})`
  return { name, kind: actor.kind, address }
}

/** What only those may do who see every team. */
export function ownersOnly(c: Context<Signed>): void {
  if (!c.var.actor.owner) throw new Refusal('forbidden', 'Only an owner of this server can do this.')
}

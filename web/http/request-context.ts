import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { AuditActor } from '../../model/audit.ts'
import { type AuditEvent, audit } from '../../store/audit.ts'
import type { Database } from '../../store/postgres/database.ts'
import { sendSignal } from '../../store/postgres/signals.ts'
import type { TeamIds } from '../../store/teams.ts'
import type { Look } from './look.ts'
import { Refusal } from './refusal.ts'
import type { TeamScope } from './team-scope.ts'

/** The person or token that makes a request. */
export interface Actor {
  readonly kind: 'administrator' | 'token'
  readonly administratorId: string
  /** Of the administrator, or of the one whose token it is. */
  readonly email: string
  /** The name of the token, if one is used. */
  readonly token: string | null
  readonly owner: boolean
  readonly teams: TeamIds
  /** A token for one team only, whatever its owner can access. */
  readonly bound: boolean
  readonly readOnly: boolean
  /** The person must choose another password before anything else. */
  readonly mustChangePassword: boolean
  /** The person must set up a second factor before anything else. */
  readonly secondFactorMissing: boolean
  /** The hash of the session secret; null for a token. */
  readonly session: Buffer | null
  /** When the password was last entered in this session; null for a token. */
  readonly passwordGivenAt: Date | null
}

/** The context of every request, signed in or not. */
export interface AnyRequest {
  Bindings: HttpBindings
  Variables: {
    address: string
    look: Look
    /** Names this request in the log. */
    reference: string
  }
}

/** The context of a request behind the sign-in. */
export interface SignedInRequest extends AnyRequest {
  Variables: AnyRequest['Variables'] & {
    actor: Actor
    teams: TeamScope
    /** The token that forms of this session carry; null without a session. */
    formToken: string | null
  }
}

/** Adds `event` to the audit in the name of the maker of the request. */
export async function auditRequest(db: Database, c: Context<SignedInRequest>, event: AuditEvent): Promise<void> {
  await audit(db, auditActor(c), event)
  if (event.team) await sendSignal(db, { kind: 'team', teamId: event.team.id })
}

/** The maker of the request, for the audit. */
export function auditActor(c: Context<SignedInRequest>): AuditActor {
  const { actor, address } = c.var
  const name = actor.token === null ? actor.email : `${actor.token} (${actor.email})`
  return { name, kind: actor.kind, address }
}

/** Refuses everyone but owners. */
export function requireOwner(c: Context<SignedInRequest>): void {
  if (!c.var.actor.owner) throw new Refusal('forbidden', 'Only an owner of this server can do this.')
}

import type { z } from 'zod'

/** The groups of the API, in the order in which the document shows them. */
export const TAGS = [
  'Sign-in',
  'Own account',
  'Tokens',
  'People',
  'Teams',
  'Import settings',
  'FTP accounts',
  'Team users',
  'Runs',
  'Files',
  'Batches',
  'Contacts',
  'Audit',
  'Service',
] as const

/** One answer: its meaning, and the form of its body. */
export interface Answer {
  says: string
  /** Of a JSON body. */
  schema?: z.ZodType
  /** The media type of any other body. */
  type?: string
}

/** One request of the API. `schema` and `query` are the very ones that the handler validates with. */
export interface Operation {
  tag: (typeof TAGS)[number]
  summary: string
  description?: string
  /** Needs neither a session nor a token. */
  open?: boolean
  /** Examples for the parameters of the path, where the usual ones do not fit. */
  path?: Record<string, string>
  query?: { schema: z.ZodObject; example?: Record<string, string> }
  body?: { schema: z.ZodType; example: unknown }
  /** The media type of a body that is not JSON, and a small example. */
  rawBody?: { type: string; example: string }
  answers: Record<number, Answer>
}

/** By method and pattern, as `GET /api/teams/:team`. */
export type Operations = Record<string, Operation>

export function json(says: string, schema: z.ZodType): Answer {
  return { says, schema }
}

export function done(says: string): Answer {
  return { says }
}

export function file(says: string, type: string): Answer {
  return { says, type }
}

export const NOT_FOUND = done('Not found.')

export const TOO_MANY_MAILS = done('Too many such e-mails within an hour. `Retry-After` says when to try again.')
export const NO_TEAM = done('Team not found.')
export const OWNERS_ONLY = done('Owners only.')

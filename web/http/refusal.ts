import type { ContentfulStatusCode } from 'hono/utils/http-status'

/** One fault of what was sent: where (`file.afterImport.path`) and what. */
export interface Fault {
  path: string
  message: string
}

/** RFC 9457. */
export interface Problem {
  type: 'about:blank'
  title: string
  status: ContentfulStatusCode
  detail: string
  errors?: readonly Fault[]
}

export const REFUSAL_STATUS = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  invalid: 422,
  'too-many': 429,
  busy: 503,
} as const satisfies Record<string, ContentfulStatusCode>

/** A request that is not granted. `detail` tells the person who sent it what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly kind: keyof typeof REFUSAL_STATUS
  readonly faults: readonly Fault[]
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | null
  constructor(
    kind: keyof typeof REFUSAL_STATUS,
    detail: string,
    more: { faults?: readonly Fault[]; retryAfterSeconds?: number } = {},
  ) {
    super(detail)
    this.kind = kind
    this.faults = more.faults ?? []
    this.retryAfterSeconds = more.retryAfterSeconds ?? null
  }
}

/** For anything that does not exist or belongs to a team without access: the answer is the same. */
export function notFound(what: string): Refusal {
  return new Refusal('not-found', `There is no such ${what}.`)
}

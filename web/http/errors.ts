import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { ZodError } from 'zod'
import { FileProblem, type FileProblemKind } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'
import { RootProblem } from '../../files/team-root.ts'
import { TooManyChecks } from '../../ingest/check-turns.ts'
import type { Log } from '../../log.ts'
import { isDatabaseAway, isUnstorableText } from '../../store/postgres/database-errors.ts'
import { routeOf } from './access-log.ts'
import type { Look } from './look.ts'
import { type Fault, type Problem, REFUSAL_STATUS, Refusal } from './refusal.ts'
import type { AnyRequest } from './request-context.ts'
import { wantsHtml } from './wants-html.ts'

const FILE_PROBLEM_STATUS: Record<FileProblemKind, ContentfulStatusCode> = {
  'not-found': 404,
  'already-exists': 409,
  'not-a-file': 409,
  'not-a-folder': 409,
  'not-empty': 409,
  'not-allowed': 422,
  'other-disk': 409,
  'no-space': 507,
  'too-many-open': 503,
}

const TITLES: Partial<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid',
  429: 'Too many attempts',
  500: 'Something went wrong on the server',
  503: 'Temporarily unavailable',
  507: 'No space left',
}

/** HTML for people with a browser, instead of problem+json. */
export interface ProblemPages {
  problem(problem: Problem, look: Look): Html
  databaseAway(away: { reference: string; again: string | null }, look: Look): Html
}
type Html = string | Promise<string>

/** The only place where an error becomes an answer. Of an unexpected error only a reference is shown; the log has the cause. */
export function problemAnswer(
  log: Log,
  pages: ProblemPages,
): (error: unknown, c: Context) => Response | Promise<Response> {
  return (error, c) => {
    const { problem, retryAfterSeconds } = problemOf(error, c, log)
    const away = isDatabaseAway(error) ? { reference: c.get('reference') as string, again: addressOf(c) } : null
    if (retryAfterSeconds !== null) c.header('Retry-After', String(retryAfterSeconds))
    if (wantsHtml(c))
      return c.html(away ? pages.databaseAway(away, c.var.look) : pages.problem(problem, c.var.look), problem.status)
    return c.body(JSON.stringify(problem), problem.status, { 'Content-Type': 'application/problem+json' })
  }
}

/** The address to try again; null after a form. */
function addressOf(c: Context): string | null {
  const { pathname, search } = new URL(c.req.url)
  return c.req.method === 'GET' ? pathname + search : null
}

function problemOf(error: unknown, c: Context, log: Log): { problem: Problem; retryAfterSeconds: number | null } {
  if (error instanceof Refusal)
    return {
      problem: problem(REFUSAL_STATUS[error.kind], error.message, error.faults),
      retryAfterSeconds: error.retryAfterSeconds,
    }
  if (error instanceof TooManyChecks)
    return { problem: problem(429, error.message), retryAfterSeconds: error.retryAfterSeconds }
  const plain = (status: ContentfulStatusCode, detail: string, faults: readonly Fault[] = []) => ({
    problem: problem(status, detail, faults),
    retryAfterSeconds: null,
  })
  if (error instanceof ZodError) {
    const faults = error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
    return plain(422, faults.length === 1 ? '1 field is invalid.' : `${faults.length} fields are invalid.`, faults)
  }
  if (error instanceof QuotaProblem) return plain(507, error.message)
  if (error instanceof FileProblem && error.kind === 'no-space')
    return plain(507, 'The server disk is nearly full; nothing was stored. Ask your server administrator for space.')
  if (error instanceof FileProblem) return plain(FILE_PROBLEM_STATUS[error.kind], error.message)
  if (error instanceof RootProblem)
    return plain(503, 'The folder of this team belongs to another team. The server log says what to do.')
  if (error instanceof HTTPException) return plain(error.status as ContentfulStatusCode, error.message)
  if (isUnstorableText(error)) return plain(422, 'A text holds a character that cannot be stored, such as NUL.')
  if (error instanceof Error && isBrokenOff(error, c)) return plain(400, 'The request was interrupted.')
  const reference: string = c.get('reference')
  const event = { err: error, reference, method: c.req.method, route: routeOf(c) }
  if (isDatabaseAway(error)) {
    log.warn(event, 'request failed: the database is unreachable')
    const detail = `The database cannot be reached right now; uploaded files are kept. Try again in a few seconds. Reference: ${reference}.`
    return { problem: problem(503, detail), retryAfterSeconds: 5 }
  }
  log.error(event, 'request failed')
  return plain(500, `The server log has the cause under reference ${reference}.`)
}

function problem(status: ContentfulStatusCode, detail: string, errors: readonly Fault[] = []): Problem {
  const title = TITLES[status] ?? 'The request failed'
  return { type: 'about:blank', title, status, detail, ...(errors.length > 0 && { errors }) }
}

/** The client left or was too slow while its body was read, so the answer is lost. */
function isBrokenOff(error: Error, c: Context<AnyRequest>): boolean {
  const { destroyed, complete } = c.env.incoming
  const { code } = error as { code?: unknown }
  return destroyed && !complete && (code === 'ABORT_ERR' || code === 'ECONNRESET')
}

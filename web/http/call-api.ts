import type { Context } from 'hono'
import { type Fault, notFound } from './refusal.ts'
import type { SignedInRequest } from './request-context.ts'

/** The answer of the API to a form: its body, or the refusal. */
export type ApiAnswer<Body> =
  | { ok: true; status: number; body: Body }
  | { ok: false; status: number; detail: string; faults: Fault[] }

/**
 * Calls our own API within this process, in the name of the person who sent the form: the same rules hold for forms and programs.
 * `Body` is the body of a good answer, as `operations.ts` describes it. A 409 that names the run in progress counts as good.
 */
export type CallApi = <Body = unknown>(
  c: Context<SignedInRequest>,
  method: string,
  path: string,
  body?: unknown,
) => Promise<ApiAnswer<Body>>

export function apiCaller(
  fetch: (request: Request, env: SignedInRequest['Bindings']) => Response | Promise<Response>,
  origin: string,
): CallApi {
  return async (c, method, path, body) => {
    const url = new URL(path, origin)
    // What a form names could hold `..` and so lead to another request.
    if (url.pathname + url.search !== path) throw notFound('page')
    const headers = new Headers({ accept: 'application/json', 'content-type': 'application/json', origin })
    for (const name of ['cookie', 'authorization', 'user-agent', 'x-forwarded-for']) {
      const value = c.req.header(name)
      if (value !== undefined) headers.set(name, value)
    }
    const request = new Request(url, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const response = await fetch(request, c.env)
    const text = await response.text()
    const answer = text === '' ? null : JSON.parse(text)
    if (response.ok || response.status === 409) {
      if (response.ok || answer?.runId !== undefined) return { ok: true, status: response.status, body: answer }
    }
    return {
      ok: false,
      status: response.status,
      detail: answer?.detail ?? 'The request failed.',
      faults: answer?.errors ?? [],
    }
  }
}

import { createHmac } from 'node:crypto'
import { lookup as lookupName } from 'node:dns/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPublicAddress } from '../model/network.ts'
import type { WebhookAnswer } from '../model/webhook.ts'

/** One event for the program of a team. */
export interface WebhookEvent {
  /** The same on every try, so that the receiver recognises what it has. */
  readonly id: string
  readonly url: string
  readonly body: string
  /** The keys that sign: the current one, and the one before while it is valid. */
  readonly keys: readonly Buffer[]
}

export interface WebhookParts {
  /** Networks of the operator beside the public internet. */
  isAllowed: (address: string) => boolean
  now: () => Date
  lookup?: (name: string) => Promise<{ address: string }[]>
  /** Of the operating system where there are none. */
  ca?: string
  patienceMs?: number
}

export type SendWebhook = (event: WebhookEvent) => Promise<WebhookAnswer>

/** Why events must not be sent to an address; null where they may, or where nobody can tell now. */
export type JudgeWebhook = (url: string) => Promise<string | null>

const PATIENCE_MS = 10_000
const JUDGING_MS = 3_000
/** More of an answer is not read. */
const MOST_ANSWER_BYTES = 64 * 1024
const SHOWN_CHARACTERS = 500
const HTTPS_ONLY = 'Enter an address that begins with https://.'

/** The address must not be sent to, or could not be. The message is for administrators. */
export class WebhookProblem extends Error {
  override readonly name = 'WebhookProblem'
}

/**
 * Posts events with the headers of Standard Webhooks. A name is looked up once, judged, and connected to as it was looked up, so
 * that no second answer of the DNS leads into the network of the service. Redirects are not followed.
 */
export function webhookSender(parts: WebhookParts): SendWebhook {
  const patience = parts.patienceMs ?? PATIENCE_MS
  return async ({ id, url, body, keys }) => {
    const started = performance.now()
    const signal = AbortSignal.timeout(patience)
    const target = new URL(url)
    try {
      const address = await inTime(signal, permittedAddress(target, parts))
      const timestamp = String(Math.floor(parts.now().getTime() / 1000))
      const headers = {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'user-agent': 'Rosterport',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': keys.map((key) => `v1,${signature(key, id, timestamp, body)}`).join(' '),
      }
      const options = { method: 'POST', headers, signal, agent: false, lookup: only(address), ca: parts.ca }
      const answer = await post(target, options, body)
      const text = await firstBytes(answer)
      return { status: answer.statusCode ?? 0, ms: Math.round(performance.now() - started), text }
    } catch (error) {
      if (error instanceof WebhookProblem) throw error
      if (signal.aborted) throw new WebhookProblem(`No answer within ${patience / 1000} seconds.`)
      throw new WebhookProblem(`${target.host} could not be reached (${codeOf(error)}).`)
    }
  }
}

/** Judges an address before it is saved, as each event judges it again. A name that cannot be looked up now may be tomorrow. */
export function webhookJudge(parts: Pick<WebhookParts, 'isAllowed' | 'lookup'>): JudgeWebhook {
  return async (url) => {
    const target = new URL(url)
    try {
      await inTime(AbortSignal.timeout(JUDGING_MS), permittedAddress(target, parts))
      return null
    } catch (error) {
      if (error instanceof WebhookProblem) return error.message
      return target.protocol === 'https:' ? null : HTTPS_ONLY
    }
  }
}

/** Standard Webhooks: HMAC-SHA-256 over the ID, the time and the body. */
function signature(key: Buffer, id: string, timestamp: string, body: string): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}

async function permittedAddress(
  { protocol, hostname }: URL,
  parts: Pick<WebhookParts, 'isAllowed' | 'lookup'>,
): Promise<string> {
  const { isAllowed, lookup = (name) => lookupName(name, { all: true }) } = parts
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const found = isIP(host) ? [host] : (await lookup(host)).map(({ address }) => address)
  const [first] = found
  if (first === undefined) throw new WebhookProblem(`${host} has no address.`)
  if (!found.every((address) => isAllowed(address) || isPublicAddress(address)))
    throw new WebhookProblem(
      `${host} is in a network that webhooks may not reach. The operator of this service can allow networks.`,
    )
  if (protocol !== 'https:' && !found.every(isAllowed)) throw new WebhookProblem(HTTPS_ONLY)
  return first
}

function only(address: string): LookupFunction {
  const family = isIP(address)
  return (_, { all }, found) => (all ? found(null, [{ address, family }]) : found(null, address, family))
}

function post(target: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  const ask = target.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => ask(target, options, resolve).on('error', reject).end(body))
}

async function firstBytes(answer: IncomingMessage): Promise<string> {
  const read: Buffer[] = []
  let bytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    read.push(chunk)
    bytes += chunk.length
    if (bytes >= MOST_ANSWER_BYTES) break
  }
  return Buffer.concat(read)
    .toString()
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, SHOWN_CHARACTERS)
}

function inTime<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, late])
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? (error as Error).message
}

import { lookup } from 'node:dns/promises'
import { isIPv4 } from 'node:net'
import type { Log } from '../../../log.ts'

/** Every IPv4 address of a name; throws where it has none. */
export type Resolve = (name: string) => Promise<string[]>

/** The address that PASV tells clients, where an operator has set one. */
export interface PassiveAddress {
  readonly host: string
  /** Null as long as the name has never been looked up with success. */
  current(): string | null
  stop(): void
}

const AGAIN_MS = 60_000
/** A name server that does not answer must not hold up the start. */
const FIRST_WITHIN_MS = 5000

export async function resolveIPv4(name: string): Promise<string[]> {
  return (await lookup(name, { family: 4, all: true })).map(({ address }) => address)
}

/**
 * Looks `host` up, and again every minute, if it is a name. While it cannot be looked up the last address that was found
 * stays; the log says when that begins and when it is over.
 */
export async function watchPassiveAddress(
  host: string,
  log: Log,
  resolve: Resolve = resolveIPv4,
  { againMilliseconds = AGAIN_MS, firstWithinMilliseconds = FIRST_WITHIN_MS } = {},
): Promise<PassiveAddress> {
  if (isIPv4(host)) return { host, current: () => host, stop() {} }
  let address: string | null = null
  let failing = false
  const fails = (error?: unknown) => {
    if (failing) return
    failing = true
    const meanwhile = address ?? 'the address of the control connection'
    log.warn({ err: error }, `FTP_PASSIVE_HOST: ${host} cannot be looked up; until it can, PASV tells ${meanwhile}`)
  }
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    try {
      const found = await resolve(host)
      // A name with several addresses lists them in another order each time.
      const next = address !== null && found.includes(address) ? address : found[0]
      if (next === undefined) throw new Error(`${host} has no IPv4 address`)
      if (failing || (address !== null && next !== address))
        log.info({ address: next }, `FTP_PASSIVE_HOST: ${host} is ${next} now`)
      failing = false
      address = next
    } catch (error) {
      fails(error)
    } finally {
      looking = false
    }
  }
  let late: NodeJS.Timeout | undefined
  const inTime = new Promise((resolve) => {
    late = setTimeout(resolve, firstWithinMilliseconds)
  })
  await Promise.race([look(), inTime])
  clearTimeout(late)
  if (address === null) fails(new Error('no name server answered in time'))
  const timer = setInterval(look, againMilliseconds)
  timer.unref()
  return { host, current: () => address, stop: () => clearInterval(timer) }
}

import type { Server, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Log } from '../log.ts'
import { addressMatcher, plainAddress } from '../model/network.ts'
import { type ProxiedEnd, parseProxyHeader } from '../model/proxy-header.ts'

/** Lets a server see the clients in place of the load balancers before it. Call it before the server listens. */
export type BehindProxy = (server: Server) => void

const HEADER_MS = 5000

/**
 * Connections from `networks` must begin with a header of the PROXY protocol, within `headerMs`, or are closed; the server
 * gets them behind it, with the addresses that it names. All others are left as they are.
 */
export function behindProxies(networks: readonly string[], log: Log, headerMs = HEADER_MS): BehindProxy {
  const isProxy = addressMatcher(networks)
  return (server) => {
    if (networks.length === 0) return
    const listeners = server.listeners('connection')
    server.removeAllListeners('connection')
    const clients = new Map<string, ProxiedEnd>()
    server.on('connection', (socket: Socket) => {
      const proxy = socket.remoteAddress ?? ''
      const hand = () => {
        for (const listener of listeners) listener.call(server, socket)
      }
      if (!isProxy(proxy)) return hand()
      const key = keyOf(socket)
      readHeader(socket, headerMs, (ends) => {
        if (ends === 'none') {
          log.warn({ proxy: plainAddress(proxy) }, 'connection without a PROXY header refused')
          return
        }
        if (ends) {
          pretend(socket, { remoteAddress: ends.client.address, remotePort: ends.client.port })
          pretend(socket, { localAddress: ends.server.address, localPort: ends.server.port })
          clients.set(key, ends.client)
          socket.once('close', () => clients.delete(key))
        }
        hand()
      })
    })
    // A TLS socket asks the system for its own addresses.
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const client = clients.get(keyOf(socket))
      if (client) pretend(socket, { remoteAddress: client.address, remotePort: client.port })
    })
  }
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function pretend(socket: Socket, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values)) Object.defineProperty(socket, name, { value, configurable: true })
}

type Ends = { client: ProxiedEnd; server: ProxiedEnd } | null

/** Leaves everything behind the header in the socket. Without one the socket is destroyed. */
function readHeader(socket: Socket, withinMs: number, done: (ends: Ends | 'none') => void): void {
  const paused = socket.isPaused()
  let bytes = Buffer.alloc(0)
  const leave = () => {
    clearTimeout(late)
    socket.off('readable', read).off('end', refuse).off('close', refuse).off('error', refuse)
  }
  const refuse = () => {
    leave()
    socket.on('error', () => {}).destroy()
    done('none')
  }
  const read = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read())
      bytes = Buffer.concat([bytes, chunk])
    const header = parseProxyHeader(bytes)
    if (header.state === 'partial') return
    if (header.state === 'wrong') return refuse()
    leave()
    // Node looks at who still listens in the next tick, and may then let the socket flow.
    process.nextTick(() => {
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length))
      if (paused) socket.pause()
      done(header.ends)
    })
  }
  const late = setTimeout(refuse, withinMs)
  socket.on('readable', read).on('end', refuse).on('close', refuse).on('error', refuse)
}

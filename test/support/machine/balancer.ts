import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** The address of the balancer's own connections: only they come from it. */
export const BALANCER = '127.0.0.9'

export type HeaderOf = (client: string, server: string) => Buffer

export const version1: HeaderOf = (client, server) => Buffer.from(`PROXY TCP4 ${client} ${server} 40000 2121\r\n`)

export const version2: HeaderOf = (client, server) => {
  const bytes = (address: string) => address.split('.').map(Number)
  const fixed = [...Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), 0x21, 0x11, 0, 15]
  // An extension of no meaning (NOOP) comes behind the ports.
  return Buffer.from([...fixed, ...bytes(client), ...bytes(server), 0x9c, 0x40, 8, 73, 4, 0, 0])
}

/** A load balancer before `port`, until the test ends. It sends `header` first; answers the port that it listens on. */
export async function startBalancer(port: number, header: Buffer): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const behind = connect({ port, host: '127.0.0.1', localAddress: BALANCER })
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => [client, behind].map((one) => one.destroy()))
    }
    behind.write(header)
    client.pipe(behind).pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

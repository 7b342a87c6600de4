import { once } from 'node:events'
import { statfs } from 'node:fs/promises'
import { connect } from 'node:net'

/** Whether something listens at `address`, `host:port` as it was bound. */
export async function takesConnections(address: string): Promise<void> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const host = { '0.0.0.0': '127.0.0.1', '[::]': '::1' }[hostname] ?? hostname.replace(/^\[|\]$/g, '')
  const socket = connect(Number(port), host)
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

/** How long `ask` took, in words. */
export async function answerTime(ask: () => Promise<unknown>): Promise<string> {
  const asked = performance.now()
  await ask()
  return `${Math.max(1, Math.round(performance.now() - asked))} ms`
}

/** How much of the disk under `folder` is free, in words. */
export async function freeSpace(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder)
  const gigabytes = (bavail * bsize) / 1e9
  return `${gigabytes < 10 ? gigabytes.toFixed(1) : Math.round(gigabytes)} GB free`
}

/** Of `host:port`. */
export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

import { once } from 'node:events'
import { statfs } from 'node:fs/promises'
import { connect } from 'node:net'
import { inBytes, roomOf } from '../files/storage-guard.ts'
import { Degraded } from '../web/ui/server-health.ts'

/** `address`: `host:port` as bound. Rejects when nothing listens. */
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

/** Of the disk under `folder`. */
export async function diskSpace(folder: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const { bavail, blocks, bsize } = await statfs(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}

/** How much is free, in words. Rejects with `Degraded` where it is no more than what uploads are not given. */
export function freeSpace(space: { freeBytes: number; totalBytes: number }): string {
  const { freeBytes, keptBytes } = roomOf(space)
  if (freeBytes >= keptBytes) return `${inBytes(freeBytes)} free`
  throw new Degraded(`disk full: ${inBytes(freeBytes)} free, ${inBytes(keptBytes)} are kept`)
}

/** Of `host:port`. */
export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

const WORKING_MS = 30_000
const FAILING_MS = 5_000

/** Asks `check` at most every 30 seconds while it works, and every 5 while it fails. */
export function remembered(check: () => Promise<unknown>): () => Promise<unknown> {
  let known: Promise<unknown> | null = null
  let until = 0
  return () => {
    if (known && performance.now() < until) return known
    const asked = check()
    known = asked
    until = Number.POSITIVE_INFINITY
    const again = (milliseconds: number) => () => {
      until = performance.now() + milliseconds
    }
    asked.then(again(WORKING_MS), again(FAILING_MS))
    return asked
  }
}

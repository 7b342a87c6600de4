import type { Socket } from 'node:net'

/** The parts of Node's sockets that its `onread` option sets; it takes that option only when the socket is made. */
interface DirectSocket extends Socket {
  _handle: { reading: boolean; readStop(): number; useUserBuffer(buffer: Uint8Array): void } | null
}
const PARTS = { buffer: 'kBuffer', arrived: 'kBufferCb', next: 'kBufferGen' } as const

/** Takes bytes where they are to lie. */
export interface DirectTarget {
  /** Where the next bytes go; not asked while one waits. */
  readonly room: Uint8Array
  /** Answers what to wait for before there is more room, null where there is. */
  filled(bytes: number): Promise<void> | null
  write(chunk: Uint8Array): Promise<void> | null
}

/** Holds bytes that arrive while there is no room. */
const SPARE_BYTES = 16 << 10

/** The socket is open, and the Node internals are where we expect them. */
export function readsDirectly(socket: Socket): boolean {
  const { _handle: handle } = socket as DirectSocket
  return typeof handle?.useUserBuffer === 'function' && Object.values(PARTS).every((name) => partOf(socket, name))
}

/**
 * From now on whatever arrives is read from the system straight into the target, without a buffer and an event of the
 * stream each. Answers a function that resolves when all of it has been taken; ask it once the socket has ended.
 */
export function readDirectly(socket: Socket, target: DirectTarget): () => Promise<void> {
  let spare: Buffer | null = null
  let waiting: Promise<void> | null = null

  const pauseFor = (wait: Promise<void>) => {
    waiting = wait
    wait.then(
      () => {
        if (waiting !== wait) return
        waiting = null
        socket.resume()
      },
      (error) => socket.destroy(error),
    )
  }
  const take = (chunk: Uint8Array): Promise<void> | null =>
    waiting ? waiting.then(() => target.write(chunk) ?? undefined) : target.write(chunk)
  const takeSpare = (used: Buffer, bytes: number): Promise<void> | null => {
    const wait = take(used.subarray(0, bytes))
    // It holds bytes until they have been copied.
    if (wait) spare = null
    return (
      wait?.then(() => {
        spare ??= used
      }) ?? null
    )
  }
  const next = () => {
    if (!waiting) return target.room
    // Of TLS more may come than was asked for: what has been decrypted together is handed over together.
    spare ??= Buffer.allocUnsafeSlow(SPARE_BYTES)
    return spare
  }
  const arrived = (bytes: number, into: Uint8Array): boolean => {
    const wait = into === spare ? takeSpare(spare, bytes) : target.filled(bytes)
    if (wait) pauseFor(wait)
    return wait === null
  }

  const { _handle: handle } = socket as DirectSocket
  const buffered: Buffer[] = []
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) buffered.push(chunk)
  for (const chunk of buffered) {
    const wait = take(chunk)
    if (wait) pauseFor(wait)
  }
  const first = next()
  setPart(socket, PARTS.buffer, first)
  setPart(socket, PARTS.arrived, arrived)
  setPart(socket, PARTS.next, next)
  handle?.useUserBuffer(first)
  if (waiting) socket.pause()
  else socket.resume()
  return async () => {
    while (waiting) await waiting
  }
}

function partOf(socket: Socket, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(socket).find(({ description }) => description === name)
}

function setPart(socket: Socket, name: string, value: unknown): void {
  Object.defineProperty(socket, partOf(socket, name) as symbol, { value, writable: true, configurable: true })
}

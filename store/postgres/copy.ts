import { once } from 'node:events'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { giveBack } from '../../model/limits/give-back.ts'

/** Bytes or characters of one write: large enough that the socket, not the call, is what costs. */
const WRITE_SIZE = 256 * 1024

/** Runs one `copy ... from stdin` with `lines` of `copyLine`. `statement` is our own text, never a user's. */
export function copyInto(client: PoolClient, statement: string, lines: Iterable<string>): Promise<void> {
  return copyParts(client, statement, joined(lines))
}

/** As `copyInto`, with all lines at hand as UTF-8 in a buffer of their own, which is given up. */
export async function copyText(client: PoolClient, statement: string, text: Uint8Array): Promise<void> {
  await copyParts(client, statement, slices(text))
  giveBack(text)
}

async function copyParts(client: PoolClient, statement: string, parts: Iterable<string | Uint8Array>): Promise<void> {
  const stream = client.query(copyFrom(statement))
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve)
    stream.once('error', reject)
  })
  // The loop below may be waiting for `drain` when the copy fails; then this tells.
  finished.catch(() => {})
  for (const part of parts) if (!stream.write(part)) await Promise.race([once(stream, 'drain'), finished])
  stream.end()
  await finished
}

function* joined(lines: Iterable<string>): Generator<string> {
  let pending = ''
  for (const line of lines) {
    pending += line
    if (pending.length < WRITE_SIZE) continue
    yield pending
    pending = ''
  }
  if (pending !== '') yield pending
}

function* slices(text: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < text.length; at += WRITE_SIZE)
    yield Buffer.from(text.buffer, text.byteOffset + at, Math.min(WRITE_SIZE, text.length - at))
}

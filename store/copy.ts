import { once } from 'node:events'
import type { PoolClient } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'

/** A value of one column in COPY's text form; undefined and null are NULL. */
export type CopyValue = string | number | boolean | null | undefined

const SPECIAL = /[\\\t\n\r]/
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/**
 * One line of COPY's text format. A raw CR would end the copy, a raw backslash would change the value in silence
 * (`C:\new` would hold a line break), and a line of only `\.` would end the data.
 */
export function copyLine(values: readonly CopyValue[]): string {
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (i > 0) line += '\t'
    if (value === null || value === undefined) line += '\\N'
    else if (typeof value === 'string')
      line += SPECIAL.test(value) ? value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string) : value
    else line += String(value)
  }
  return `${line}\n`
}

/** Characters of one write: large enough that the socket, not the call, is what costs. */
const WRITE_CHARACTERS = 256 * 1024

/** Runs one `copy ... from stdin` with `lines` of `copyLine`. `statement` is our own text, never a user's. */
export async function copyInto(client: PoolClient, statement: string, lines: Iterable<string>): Promise<void> {
  const stream = client.query(copyFrom(statement))
  const finished = new Promise<void>((resolve, reject) => {
    stream.once('finish', resolve)
    stream.once('error', reject)
  })
  // The loop below may be waiting for `drain` when the copy fails; then this tells.
  finished.catch(() => {})
  let pending = ''
  for (const line of lines) {
    pending += line
    if (pending.length < WRITE_CHARACTERS) continue
    if (!stream.write(pending)) await Promise.race([once(stream, 'drain'), finished])
    pending = ''
  }
  stream.end(pending)
  await finished
}

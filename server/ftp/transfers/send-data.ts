import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Transfer } from '../command-session.ts'
import type { DataConnection } from './transfer.ts'

/** Sends all of `content` and ends the data connection, also where there is nothing to send. */
export async function send(data: DataConnection, content: AsyncIterable<Buffer>, current: Transfer): Promise<void> {
  await data.open()
  await pipeline(Readable.from(content, { objectMode: false }), data.socket)
  current.dataEnded = true
}

import type { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import type { SlabWriter } from '../../receiving/slab-writer.ts'
import type { UploadContent } from '../../receiving/upload-content.ts'
import { lineFeedsOnly } from './ascii.ts'
import { readDirectly, readsDirectly } from './direct-reads.ts'

/** Takes the data to their clean end. */
export async function receive(socket: Socket, content: UploadContent, type: 'binary' | 'ascii'): Promise<void> {
  const ascii = type === 'ascii' ? lineFeedsOnly() : null
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    await content.write(ascii ? ascii.convert(chunk) : chunk)
    if (!ascii && content.large && readsDirectly(socket)) return receiveLarge(socket, content.large)
  }
  if (ascii) await content.write(ascii.rest())
}

async function receiveLarge(socket: Socket, target: SlabWriter): Promise<void> {
  const taken = readDirectly(socket, target)
  void target.failed.then((fault) => socket.destroy(fault))
  await finished(socket, { writable: false, cleanup: true })
  await taken()
}

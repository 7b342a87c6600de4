import { once } from 'node:events'
import { Busboy, type BusboyHeaders } from '@fastify/busboy'

/** A form with one file, as a browser sends it: the small fields first, the file last. */
export interface FileForm {
  fields: Map<string, string>
  /** As the browser names it. */
  fileName: string
  /** The bytes of the file as they arrive. Read it to its end; it ends only once the whole body has arrived. */
  content: AsyncIterable<Buffer>
}

const LIMITS = { fieldSize: 16 * 1024, headerSize: 16 * 1024, fields: 20, files: 1 }
/** Limit for everything before the file; the file itself has none. */
const MOST_BYTES_BEFORE_FILE = 512 * 1024

/** A body that is not a form with a file. */
export class FormProblem extends Error {
  override readonly name = 'FormProblem'
}

/**
 * Reads `multipart/form-data` (RFC 7578) up to its file and leaves that to the caller, chunk by chunk: the file may be
 * larger than the memory. Rejects, or ends `content` with an error, if the form is invalid or breaks off.
 */
export async function readFileForm(contentType: string, body: AsyncIterable<Buffer>): Promise<FileForm> {
  const form = new FormReader(contentType)
  const chunks = body[Symbol.asyncIterator]()
  let bytes = 0
  while (form.fileName === null) {
    const { value, done } = await chunks.next()
    if (done) throw await form.end().then(() => new FormProblem('The form holds no file.'))
    bytes += value.length
    if (bytes > MOST_BYTES_BEFORE_FILE) throw new FormProblem('The form holds too much before its file.')
    await form.write(value)
  }
  return { fields: form.fields, fileName: form.fileName, content: contentOf(form, chunks) }
}

async function* contentOf(form: FormReader, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (;;) {
    yield* form.take()
    const { value, done } = await chunks.next()
    if (done) break
    await form.write(value)
  }
  await form.end()
  yield* form.take()
}

/** The parser, driven by what is written to it, so that never more than one chunk waits in memory. */
class FormReader {
  readonly fields = new Map<string, string>()
  fileName: string | null = null
  readonly #parser: InstanceType<typeof Busboy>
  #pieces: Buffer[] = []
  #problem: FormProblem | null = null

  constructor(contentType: string) {
    try {
      this.#parser = new Busboy({
        headers: { 'content-type': contentType } as BusboyHeaders,
        limits: LIMITS,
        preservePath: true,
        isPartAFile: (_name, _type, fileName) => fileName !== undefined,
      })
    } catch (error) {
      throw new FormProblem('The body is not a form with a file.', { cause: error })
    }
    const broken = (error: unknown) => {
      this.#problem ??= new FormProblem('The upload was interrupted.', { cause: error })
    }
    this.#parser
      .on('error', broken)
      .on('field', (name, value, _nameCut, valueCut) => {
        if (valueCut) this.#problem ??= new FormProblem('A field is too long.')
        this.fields.set(name, value)
      })
      .on('file', (_name, file, fileName) => {
        // Browsers escape quotes and line ends in a name.
        this.fileName = fileName.replace(/%22|%0D|%0A/gi, decodeURIComponent)
        file.on('data', (piece: Buffer) => this.#pieces.push(piece)).on('error', broken)
      })
  }

  async write(chunk: Buffer): Promise<void> {
    await new Promise<void>((resolve) => this.#parser.write(chunk, () => resolve()))
    if (this.#problem) throw this.#problem
  }

  /** The body has ended; rejects if the form has not. */
  async end(): Promise<void> {
    const finished = once(this.#parser, 'finish').catch(() => {})
    this.#parser.end()
    await finished
    if (this.#problem) throw this.#problem
  }

  /** The bytes of the file since the last call. */
  take(): Buffer[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }
}

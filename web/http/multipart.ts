/** What a form with one file consists of, as a browser sends it: the small fields first, and the file last. */
export interface FileForm {
  fields: Map<string, string>
  /** As the browser names it. */
  fileName: string
  /** The bytes of the file as they come; to be read to their end before anything else. */
  content: AsyncIterable<Buffer>
}

/** More than the head of a part or one field of ours ever holds. */
const MOST_BYTES = 16 * 1024
const MOST_FIELDS = 20

/** A body that is no form of ours. */
export class FormProblem extends Error {
  override readonly name = 'FormProblem'
}

/**
 * Reads `multipart/form-data` (RFC 7578) as far as its file and leaves that to the caller, chunk by chunk: the file may be
 * larger than the memory. Rejects, or ends `content` with an error, where the form breaks off.
 */
export async function readFileForm(contentType: string, body: AsyncIterable<Buffer>): Promise<FileForm> {
  const boundary = /^multipart\/form-data\b.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)
  const name = boundary?.[1] ?? boundary?.[2]
  if (name === undefined) throw new FormProblem('The form does not say where its parts end.')
  const parts = new Parts(body, `\r\n--${name}`)
  const fields = new Map<string, string>()
  await parts.text(`--${name}`)
  while (fields.size < MOST_FIELDS) {
    const head = await parts.text('\r\n\r\n')
    const field = parameter(head, 'name')
    const fileName = parameter(head, 'filename')
    if (field === null) break
    if (fileName !== null) return { fields, fileName, content: parts.content() }
    fields.set(field, await parts.text(`\r\n--${name}`))
  }
  throw new FormProblem('The form holds no file.')
}

/** Of `Content-Disposition`, as browsers write it: quotes and line ends within are escaped as in an address. */
function parameter(head: string, name: string): string | null {
  const found = new RegExp(`^content-disposition:.*[;\\s]${name}="([^"]*)"`, 'im').exec(head)?.[1]
  return found?.replace(/%22|%0D|%0A/gi, decodeURIComponent) ?? null
}

class Parts {
  readonly #body: AsyncIterator<Buffer>
  readonly #end: Buffer
  #held: Buffer = Buffer.alloc(0)

  constructor(body: AsyncIterable<Buffer>, end: string) {
    this.#body = body[Symbol.asyncIterator]()
    this.#end = Buffer.from(end)
  }

  /** What comes before `mark`, which is passed over. */
  async text(mark: string): Promise<string> {
    for (;;) {
      const at = this.#held.indexOf(mark)
      if (at > MOST_BYTES || (at < 0 && this.#held.length > MOST_BYTES)) throw new FormProblem('A field is too long.')
      if (at >= 0) {
        const text = this.#held.toString('utf8', 0, at)
        this.#held = this.#held.subarray(at + Buffer.byteLength(mark))
        return text
      }
      this.#held = Buffer.concat([this.#held, await this.#next()])
    }
  }

  async *content(): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(this.#end)
      if (at >= 0) {
        if (at > 0) yield this.#held.subarray(0, at)
        // What stands behind the last part says nothing, but whether the body is whole.
        while (!(await this.#body.next()).done);
        return
      }
      // The mark may have begun in the last bytes.
      const safe = this.#held.length - this.#end.length
      if (safe > 0) {
        yield this.#held.subarray(0, safe)
        this.#held = this.#held.subarray(safe)
      }
      const next = await this.#next()
      this.#held = this.#held.length === 0 ? next : Buffer.concat([this.#held, next])
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#body.next()
    if (done) throw new FormProblem('The form broke off.')
    return value
  }
}

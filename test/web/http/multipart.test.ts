import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FormProblem, readFileForm } from '../../../web/http/multipart.ts'

const TYPE = 'multipart/form-data; boundary=----line'

/** The body in chunks of so many bytes. */
async function* chunks(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

function formOf(content: Buffer, fileName = 'a.csv'): Buffer {
  const part = (head: string) => `Content-Disposition: form-data; name=${head}\r\n`
  return Buffer.concat([
    Buffer.from(`------line\r\n${part('"token"')}\r\nabc\r\n------line\r\n`),
    Buffer.from(`${part(`"file"; filename="${fileName}"`)}Content-Type: text/csv\r\n\r\n`),
    content,
    Buffer.from('\r\n------line--\r\n'),
  ])
}

test('fields and file come out as they went in, however the body is cut and whatever the file holds', async () => {
  const pieces = fc.constantFrom('\r\n', '--', '------line', '\r\n-----', 'ID,First', 'é', '\0')
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(pieces)
        .map((all) => all.join(''))
        // A browser chooses a boundary with which no line of the file begins.
        .filter((content) => !/(^|\r\n)------line/.test(content)),
      fc.integer({ min: 1, max: 40 }),
      async (content, size) => {
        const form = await readFileForm(TYPE, chunks(formOf(Buffer.from(content)), size))
        expect([form.fileName, form.fields.get('token')]).toEqual(['a.csv', 'abc'])
        expect(await text(form.content)).toBe(content)
      },
    ),
    { numRuns: 200 },
  )
})

test('a name is read as browsers write it', async () => {
  const form = await readFileForm(TYPE, chunks(formOf(Buffer.from('x'), 'März %22x%22.csv'), 1000))
  expect(form.fileName).toBe('März "x".csv')
})

const whole = formOf(Buffer.from('ID,First\r\n'))
const broken = [
  { title: 'without a boundary', type: 'multipart/form-data', body: whole },
  { title: 'of another kind', type: 'text/plain; boundary=----line', body: whole },
  { title: 'without a file', type: TYPE, body: Buffer.from('------line\r\nX: y\r\n\r\n\r\n------line--\r\n') },
  { title: 'with a field without end', type: TYPE, body: Buffer.concat([whole.subarray(0, 60), Buffer.alloc(40_000)]) },
  { title: 'that breaks off before the file', type: TYPE, body: whole.subarray(0, 70) },
  { title: 'that breaks off in the file', type: TYPE, body: whole.subarray(0, -16) },
]
for (const { title, type, body } of broken)
  test(`a form ${title} is refused`, async () => {
    const read = async () => text((await readFileForm(type, chunks(body, 7))).content)
    await expect(read()).rejects.toThrow(FormProblem)
  })

const ENDLESS = [
  { title: 'one field', part: Buffer.alloc(65_536, 'x') },
  {
    title: 'empty fields',
    part: Buffer.from('\r\n------line\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.repeat(900)),
  },
  { title: 'one header', part: Buffer.from('X: y\r\n'.repeat(10_000)) },
]
for (const { title, part } of ENDLESS)
  test(`a form of ${title} without end is refused before it fills the memory`, async () => {
    let sent = 0
    async function* body(): AsyncGenerator<Buffer> {
      yield Buffer.from('------line\r\nContent-Disposition: form-data; name="token"\r\n')
      if (title !== 'one header') yield Buffer.from('\r\n')
      for (;;) {
        sent += part.length
        yield part
      }
    }
    await expect(readFileForm(TYPE, body())).rejects.toThrow(FormProblem)
    expect(sent).toBeLessThan(700_000)
  })

test('a file is read no faster than the caller takes it', async () => {
  let sent = 0
  async function* body(): AsyncGenerator<Buffer> {
    yield formOf(Buffer.alloc(0)).subarray(0, -15)
    for (;;) {
      sent++
      yield Buffer.alloc(65_536)
    }
  }
  const { content } = await readFileForm(TYPE, body())
  let taken = 0
  for await (const piece of content) {
    taken += piece.length
    if (taken > 1_000_000) break
  }
  expect(sent * 65_536 - taken).toBeLessThan(3 * 65_536)
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createTeam } from '../../../store/teams.ts'
import { openApiDocument } from '../../../web/openapi/document.ts'
import { OPERATIONS } from '../../../web/operations.ts'
import { KINDS_OF_TEXT, LongestBlock } from '../../support/longest-block.ts'
import { OWNER, testWeb } from '../../support/web.ts'

const MOST_MS = 100
/** Just under the limit of a body, with room for what stands around the text. */
const BODY_BYTES = 1024 * 1024 - 8192
/** Just under what Node takes as the head of a request. */
const HEAD_BYTES = 15_000
const TOGETHER = 16

interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  const?: unknown
  example?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  maxLength?: number
  maxItems?: number
  minimum?: number
  format?: string
  pattern?: string
}
type Way = (string | number)[]

const { db, app, clock, request, caller } = testWeb()
const blocks = new LongestBlock()
let signedIn: Awaited<ReturnType<typeof caller>>

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  signedIn = await caller(OWNER.email)
})

const document = openApiDocument(OPERATIONS, Object.keys(OPERATIONS), new URL('https://files.example.edu'))
const schemas = document.components.schemas as Record<string, Schema>

function resolved(schema: Schema): Schema[] {
  if (schema.$ref) return resolved(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  const choices = schema.anyOf ?? schema.oneOf
  return choices ? choices.flatMap(resolved) : [schema]
}

/** A value that the schema allows, so that rules over several values are reached. */
function sample(schema: Schema): unknown {
  const [first = {}] = resolved(schema)
  if (first.allOf) return Object.assign({}, ...first.allOf.map(sample))
  if (first.enum) return first.enum[0]
  if ('const' in first) return first.const
  if (first.type === 'object')
    return Object.fromEntries(Object.entries(first.properties ?? {}).map(([name, part]) => [name, sample(part)]))
  if (first.type === 'array') return [sample(first.items ?? {})]
  if (first.type === 'string') return first.format === 'email' ? 'dana@example.edu' : '/in'
  if (first.type === 'boolean') return true
  if (first.type === 'integer' || first.type === 'number') return first.minimum ?? 1
  return null
}

/** Where texts and lists stand in a schema. */
function places(schema: Schema, type: 'string' | 'array', way: Way = []): { way: Way; schema: Schema }[] {
  return resolved(schema).flatMap((part) => [
    ...(part.type === type && !part.enum && !('const' in part) ? [{ way, schema: part }] : []),
    ...(part.allOf ?? []).flatMap((each) => places(each, type, way)),
    ...Object.entries(part.properties ?? {}).flatMap(([name, each]) => places(each, type, [...way, name])),
    ...(part.items ? places(part.items, type, [...way, 0]) : []),
  ])
}

function withValue(value: unknown, [step, ...rest]: Way, given: unknown): unknown {
  if (step === undefined) return given
  if (typeof step === 'number') return [withValue(Array.isArray(value) ? value[0] : null, rest, given)]
  const parts = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  return { ...parts, [step]: withValue(parts[step], rest, given) }
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => {
    const { requestBody, parameters = [] } = described as {
      requestBody?: { content: Record<string, { schema: Schema }> }
      parameters?: { name: string; in: string; example?: string }[]
    }
    const fill = (longOne?: string, text = '') =>
      parameters
        .filter((parameter) => parameter.in === 'path')
        .reduce(
          (at, { name, example = '' }) =>
            at.replace(`{${name}}`, encodeURIComponent(name === longOne ? text : example)),
          path,
        )
    return {
      method: method.toUpperCase(),
      path,
      parameters,
      fill,
      body: requestBody?.content['application/json']?.schema,
    }
  }),
)

/** A text whose form in an address has the length. */
const inAddress = (kind: (bytes: number) => string) => {
  const text = kind(HEAD_BYTES)
  const longer = encodeURIComponent(text).length / text.length
  return kind(Math.floor(HEAD_BYTES / longer))
}

interface Try {
  title: string
  send: () => Promise<Response>
}

const statuses = new Map<number, number>()
async function answered(response: Response): Promise<void> {
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
  await response.arrayBuffer()
}

/** An answer that came before the body was sent ends the connection. */
function cutOff(error: Error): void {
  if (error.message !== 'fetch failed') throw error
  statuses.set(0, (statuses.get(0) ?? 0) + 1)
}

/** Several are sent together; where one of these holds the thread, each is measured by itself. */
async function tooLong(tries: readonly Try[]): Promise<string[]> {
  const found: string[] = []
  const sent = ({ send }: Try) => send().then(answered, cutOff)
  for (let at = 0; at < tries.length; at += TOGETHER) {
    // No wall of tries: each body is to be looked at.
    clock.now = new Date(clock.now.getTime() + 3_600_000)
    const some = tries.slice(at, at + TOGETHER)
    if ((await blocks.once(() => Promise.all(some.map(sent)))) <= MOST_MS) continue
    for (const one of some) {
      const milliseconds = await blocks.leastOf(() => sent(one), MOST_MS)
      if (milliseconds > MOST_MS) found.push(`${one.title}: ${Math.round(milliseconds)} ms`)
    }
  }
  return found
}

test('every text and list in a body has a bound', () => {
  const unbounded = operations.flatMap(({ method, path, body = {} }) => [
    ...places(body, 'string')
      .filter(({ schema }) => schema.maxLength === undefined)
      .map(({ way }) => `${method} ${path} ${way.join('.')}`),
    ...places(body, 'array')
      .filter(({ schema }) => schema.maxItems === undefined)
      .map(({ way }) => `${method} ${path} ${way.join('.')}`),
  ])
  expect(unbounded).toEqual([])
})

for (const [kind, textOf] of Object.entries(KINDS_OF_TEXT))
  test(`${kind} in any field, parameter or path hold up nobody for ${MOST_MS} ms`, async () => {
    const inHead = inAddress(textOf)
    const long = textOf(BODY_BYTES)
    const tries = operations.flatMap(({ method, path, parameters, fill, body }): Try[] => [
      ...parameters.map(({ name, in: where }) => ({
        title: `${method} ${path} ${name}`,
        send: () =>
          signedIn(
            method,
            where === 'path' ? fill(name, inHead) : `${fill()}?${new URLSearchParams({ [name]: inHead })}`,
          ),
      })),
      ...(body ? places(body, 'string') : []).map(({ way }) => ({
        title: `${method} ${path} ${way.join('.')}`,
        send: () => signedIn(method, fill(), withValue(sample(body ?? {}), way, long)),
      })),
      ...(body
        ? [
            {
              title: `a stranger, ${method} ${path}`,
              send: () => request(method, fill(), {}, everywhere(body, textOf)),
            },
            { title: `${method} ${path}, no JSON`, send: () => signedIn(method, fill(), long) },
          ]
        : []),
    ])
    expect(await tooLong(tries)).toEqual([])
  })

/** A body that has the text in each place. */
function everywhere(schema: Schema, textOf: (bytes: number) => string): unknown {
  const all = places(schema, 'string')
  const each = textOf(Math.max(20, Math.floor(BODY_BYTES / (all.length || 1))))
  return all.reduce((body, { way }) => withValue(body, way, each), sample(schema))
}

test(`lists of very many values hold up nobody for ${MOST_MS} ms`, async () => {
  const tries = operations.flatMap(({ method, path, fill, body }) =>
    (body ? places(body, 'array') : []).flatMap(({ way }) =>
      [0, '', {}].map((value) => {
        const many = Array(Math.floor(BODY_BYTES / (JSON.stringify(value).length + 1))).fill(value)
        return {
          title: `${method} ${path} ${way.join('.')} of ${JSON.stringify(value)}`,
          send: () => signedIn(method, fill(), withValue(sample(body ?? {}), way, many)),
        }
      }),
    ),
  )
  expect(await tooLong(tries)).toEqual([])
})

/** The address of every form of a page. They are sent with a token: a session would not outlive the clock. */
const formPaths = () =>
  app.routes
    .filter(({ method, path }) => method === 'POST' && !/^\/(api|run-import|sign-out)/.test(path))
    .map(({ path }) => path.replace(':team', 'admissions').replace(/:\w+/g, '1'))
const FORM = {
  origin: 'https://files.example.edu',
  accept: 'text/html',
  'content-type': 'application/x-www-form-urlencoded',
}

test(`forms of very many fields hold up nobody for ${MOST_MS} ms`, async () => {
  const files = readdirSync('web', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const lists = files.flatMap((file) => {
    const found = readFileSync(join('web', file), 'utf8').matchAll(/form\.has\(`([^`]*)\$\{index\}([^`]*)`\)/g)
    return [...found].map(
      ([, before = '', behind = '']) =>
        (index: number) =>
          `${before}${index}${behind}`,
    )
  })
  expect(lists.length).toBeGreaterThan(2)
  const nothing = 'a&'.repeat(BODY_BYTES / 2)
  const bodies = [...lists, (index: number) => `aliases.${index}.firstName`].map((nameOf) =>
    Array.from({ length: 2_400 }, (_, index) => `${nameOf(index)}=`).join('&'),
  )
  const tries = [
    ...['/nowhere', '/run-import', '/sign-in'].map((path) => ({
      title: `a stranger, POST ${path}, many fields`,
      send: () => request('POST', path, FORM, nothing),
    })),
    ...formPaths().flatMap((path) =>
      [nothing, ...bodies].map((body) => ({
        title: `POST ${path}, ${body.slice(0, 30)}`,
        send: () => signedIn('POST', path, body, FORM),
      })),
    ),
  ]
  expect(await tooLong(tries)).toEqual([])
})

test(`long fields of the forms of pages hold up nobody for ${MOST_MS} ms`, async () => {
  const named = new Set<string>()
  const files = readdirSync('web', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))
  for (const file of files)
    for (const [, name = ''] of readFileSync(join('web', file), 'utf8').matchAll(/\bname="([\w.-]+)"/g)) named.add(name)
  const tries = formPaths().flatMap((path) =>
    Object.entries(KINDS_OF_TEXT).map(([kind, textOf]) => {
      const text = textOf(Math.floor(BODY_BYTES / 3 / named.size))
      const form = new URLSearchParams([...named].map((name): [string, string] => [name, text]))
      return {
        title: `POST ${path}, ${kind}`,
        send: () => signedIn('POST', path, String(form), FORM),
      }
    }),
  )
  expect(named.size).toBeGreaterThan(20)
  expect(tries.length).toBeGreaterThan(100)
  expect(await tooLong(tries)).toEqual([])
})

afterAll(async () => {
  // Every way to answer was met: otherwise nothing would have been tried.
  for (const status of [401, 404, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(20)
  await vi.waitFor(async () => expect((await request('GET', '/healthz', {})).status).toBe(200))
})

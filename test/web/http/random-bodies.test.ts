import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { createTeam } from '../../../store/teams.ts'
import { openApiDocument } from '../../../web/openapi/document.ts'
import { OPERATIONS } from '../../../web/operations.ts'
import { OWNER, testWeb } from '../../support/web.ts'

/** 5,000 show more; a few hundred are enough to notice what broke. */
const RUNS = Number(process.env.RANDOM_BODIES ?? 500)

interface Schema {
  $ref?: string
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: Schema | boolean
}

const { db, clock, caller } = testWeb()
let call: Awaited<ReturnType<typeof caller>>

beforeAll(async () => {
  for (const team of ['admissions', 'bursar']) await createTeam(db, { team, name: team, timeZone: 'UTC' })
  call = await caller(OWNER.email)
})

const document = openApiDocument(OPERATIONS, Object.keys(OPERATIONS), new URL('https://files.example.edu'))
const schemas = document.components.schemas as Record<string, Schema>

/** Values that a schema allows, as far as it says. */
function allowed(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.$ref) return allowed(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map(allowed))
  if (schema.allOf) return fc.tuple(...schema.allOf.map(allowed)).map((parts) => Object.assign({}, ...parts))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  switch (schema.type) {
    case 'string':
      return fc.oneof(text, fc.constantFrom('admissions', '/in', 'UTC', 'dana@example.edu', '192.0.2.0/24'))
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(allowed(schema.items ?? {}), { maxLength: 30 })
    case 'object':
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, part]) => [key, allowed(part)])),
        {
          requiredKeys: schema.required ?? [],
        },
      )
    default:
      return fc.jsonValue()
  }
}

/** SQL, HTML, formulas, controls, halves of characters, very long text. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    "'; drop table contact; --",
    '" or 1=1',
    '<script>x</script>',
    '=HYPERLINK("x")',
    '../../etc/passwd',
    '\u0000',
    'a\r\nb',
    '\ud800',
    '{{7*7}}',
    '__proto__',
    'x'.repeat(10_000),
    '%00%2e',
    '\u202e',
  ),
)
const anything = fc.oneof(text, fc.jsonValue(), fc.constantFrom(null, -1, 1e308, [], {}, 2 ** 63))

/** Changes one thing somewhere in a value. */
function mutated(value: unknown, at: number, by: unknown): unknown {
  if (Array.isArray(value) && value.length > 0)
    return value.map((part, index) => (index === at % value.length ? mutated(part, at >> 1, by) : part))
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    const keys = Object.keys(value)
    const key = keys[at % keys.length] as string
    if (at % 7 === 0) return { ...value, [key]: undefined }
    if (at % 11 === 0) return { ...value, surprise: by }
    return { ...value, [key]: mutated((value as Record<string, unknown>)[key], at >> 1, by) }
  }
  return by
}

const targets = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, described]) => {
    const { requestBody, parameters = [] } = described as {
      requestBody?: { content: Record<string, { schema: Schema }> }
      parameters?: { name: string; in: string; example?: string }[]
    }
    const schema = requestBody?.content['application/json']?.schema
    const inPath = parameters.filter((parameter) => parameter.in === 'path')
    const inQuery = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
    const at = inPath.reduce((at, { name, example = '' }) => at.replace(`{${name}}`, encodeURIComponent(example)), path)
    if (!schema && inQuery.length === 0) return []
    return [{ method: method.toUpperCase(), at, inQuery, body: schema ? allowed(schema) : fc.constant(undefined) }]
  }),
)

const requests = fc.constantFrom(...targets).chain(({ method, at, inQuery, body }) =>
  fc.record({
    method: fc.constant(method),
    at: fc.record(Object.fromEntries(inQuery.map((name) => [name, text])), { requiredKeys: [] }).map((query) => {
      const given = new URLSearchParams(query as Record<string, string>)
      return given.size > 0 ? `${at}?${given}` : at
    }),
    body: fc.oneof(
      body,
      fc
        .tuple(body, fc.nat(1000), anything)
        .map(([value, place, by]) => (value === undefined ? value : mutated(value, place, by))),
    ),
    cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) }),
  }),
)

test(
  `of ${RUNS} random bodies and queries none is answered by a fault of the server`,
  async () => {
    const statuses = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(requests, async ({ method, at, body, cut }) => {
        // No wall of tries: each body is to be looked at.
        clock.now = new Date(clock.now.getTime() + 3_600_000)
        const sent =
          method === 'GET' || body === undefined ? undefined : JSON.stringify(body).slice(0, -cut || undefined)
        const response = await call(method, at, sent)
        const answer = await response.text()
        expect(response.status, `${method} ${at} ${sent} ${answer}`).toBeLessThan(500)
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }),
      { numRuns: RUNS },
    )
    // Some get through, and some do not: otherwise nothing would have been tried.
    for (const status of [200, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(RUNS / 150)
  },
  RUNS * 100,
)

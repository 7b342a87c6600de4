import { z } from 'zod'
import { problem } from './answers.ts'
import { type Answer, type Operation, type Operations, TAGS } from './operation.ts'

/** Examples for the parameters of a path, unless an operation has its own. */
const PATH_EXAMPLES: Record<string, string> = {
  team: 'admissions',
  username: 'admissions-sis',
  contactId: '1001',
  '/api/runs/:id': '40000000-0000-4000-8000-000000000001',
  '/api/batches/:id': 'ba7c0000-0000-4000-8000-000000000001',
  '/api/people/:id': 'be450000-0000-4000-8000-000000000001',
}

const PATH_DESCRIPTIONS: Record<string, string> = {
  team: 'Short name of the team.',
  username: 'User name of the FTP account.',
  contactId: 'Contact ID. Case matters.',
  id: 'ID of the item.',
  session: 'ID of the session.',
}

type Schema = Record<string, unknown>

/** The OpenAPI document of the `operations` that are served; each route is `METHOD /pattern`. */
export function openApiDocument(operations: Operations, routes: Iterable<string>, publicUrl: URL) {
  const schemas: Record<string, Schema> = {}
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => hoisted(schema, io, schemas)
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of new Set(routes)) {
    const operation = operations[route]
    if (!operation) continue
    const [method = '', pattern = ''] = route.split(' ')
    const path = pattern.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(operation, pattern, schemaOf) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rosterport',
      version: '1',
      description:
        'Lists answer `{items, next}`; pass `next` as `?after=` to get the next page. Times are ISO 8601 in UTC. Send a token as `Authorization: Bearer TOKEN`. A change made with a session cookie needs an `Origin` header of this server; a change made with a token does not.',
    },
    servers: [{ url: publicUrl.origin }],
    security: [{ token: [] }, { session: [] }],
    tags: TAGS.map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: publicUrl.protocol === 'https:' ? '__Host-rosterport' : 'rosterport',
        },
      },
    },
  }
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output') => Schema

function described(operation: Operation, pattern: string, schemaOf: SchemaOf) {
  const { tag, summary, description, open, body, rawBody } = operation
  const parameters = [...pathParameters(operation, pattern), ...queryParameters(operation, schemaOf)]
  const content = body
    ? { 'application/json': { schema: schemaOf(body.schema, 'input'), example: body.example } }
    : rawBody && { [rawBody.type]: { schema: { type: 'string', format: 'binary' }, example: rawBody.example } }
  const answers = {
    ...operation.answers,
    ...(!open && { 401: { says: 'No valid session or token.' } }),
    ...((body ?? operation.query) && { 422: { says: 'Invalid; `errors` lists every fault with its path.' } }),
  }
  return {
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(content && { requestBody: { required: true, content } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, responseOf(Number(status), answer, schemaOf)]),
    ),
  }
}

function responseOf(status: number, { says, schema, type }: Answer, schemaOf: SchemaOf) {
  if (schema) return { description: says, content: { 'application/json': { schema: schemaOf(schema, 'output') } } }
  if (type) return { description: says, content: { [type]: { schema: { type: 'string' } } } }
  if (status < 400) return { description: says }
  return { description: says, content: { 'application/problem+json': { schema: schemaOf(problem, 'output') } } }
}

function pathParameters(operation: Operation, pattern: string) {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => {
    const place = pattern.slice(0, pattern.indexOf(`:${name}`) + name.length + 1)
    const example = operation.path?.[name] ?? PATH_EXAMPLES[place] ?? PATH_EXAMPLES[name]
    const description = PATH_DESCRIPTIONS[name]
    return { name, in: 'path', description, required: true, schema: { type: 'string' }, example }
  })
}

function queryParameters({ query }: Operation, schemaOf: SchemaOf) {
  if (!query) return []
  const { properties, required } = schemaOf(query.schema, 'output') as {
    properties: Record<string, Schema>
    required?: string[]
  }
  const isOptional = (name: string) => query.schema.shape[name]?.safeParse(undefined).success === true
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    required: (required?.includes(name) ?? false) && !isOptional(name),
    schema,
    ...(query.example?.[name] !== undefined && { example: query.example[name] }),
  }))
}

/** The schema as JSON Schema; schemas with an id are moved to `schemas` and referred to. */
function hoisted(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Schema>): Schema {
  const {
    $schema: _,
    $defs,
    ...whole
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Later versions may add fields to answers.
      if (io === 'output') delete jsonSchema.additionalProperties
      // Our only transforms validate a text.
      if (zodSchema._zod.def.type === 'transform') jsonSchema.type = 'string'
    },
  }) as Schema & { $defs?: Record<string, Schema> }
  const suffix = io === 'input' ? 'Input' : ''
  const pointed = (part: unknown) =>
    JSON.parse(JSON.stringify(part).replaceAll(/"#\/\$defs\/(\w+)"/g, `"#/components/schemas/$1${suffix}"`))
  for (const [name, definition] of Object.entries($defs ?? {})) {
    const { id: _, ...shown } = pointed(definition)
    schemas[name + suffix] = shown
  }
  const { id, ...rest } = pointed(whole)
  if (typeof id !== 'string') return rest
  schemas[id + suffix] = rest
  return { $ref: `#/components/schemas/${id}${suffix}` }
}

import { expect, test } from 'vitest'
import { openApiDocument } from '../../../web/openapi/document.ts'
import { OPERATIONS } from '../../../web/operations.ts'

interface Schema {
  $ref?: string
  description?: string
  properties?: Record<string, Schema>
}

const document = JSON.parse(
  JSON.stringify(openApiDocument(OPERATIONS, Object.keys(OPERATIONS), new URL('https://files.example.edu'))),
)

/** Every object of the document that describes properties, wherever it stands, with the way to it. */
function* objects(part: unknown, path: string): Generator<[path: string, properties: Record<string, Schema>]> {
  if (typeof part !== 'object' || part === null) return
  const { properties, type } = part as { properties?: Record<string, Schema>; type?: unknown }
  if (properties && type === 'object') yield [path, properties]
  for (const [key, inner] of Object.entries(part)) if (key !== 'example') yield* objects(inner, `${path}.${key}`)
}

function isDescribed({ description, $ref }: Schema): boolean {
  if ($ref) return isDescribed(document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {})
  return (description ?? '').trim().length > 3
}

test('every field of every schema has a description', () => {
  const all = [...objects(document, '')].flatMap(([path, properties]) =>
    Object.entries(properties).map(([name, schema]) => ({ field: `${path}.${name}`, schema })),
  )
  expect(all.length).toBeGreaterThan(250)
  expect(all.filter(({ schema }) => !isDescribed(schema)).map(({ field }) => field)).toEqual([])
})

test('every parameter has a description', () => {
  const parameters = Object.entries<Record<string, { parameters?: { name: string; description?: string }[] }>>(
    document.paths,
  ).flatMap(([path, methods]) =>
    Object.values(methods).flatMap((operation) =>
      (operation.parameters ?? []).map(({ name, description }) => ({ parameter: `${path} ${name}`, description })),
    ),
  )
  expect(parameters.length).toBeGreaterThan(50)
  expect(parameters.filter(({ description }) => !description).map(({ parameter }) => parameter)).toEqual([])
})

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { notFound } from '../http/refusal.ts'
import type { AnyRequest } from '../http/request-context.ts'
import { openApiDocument } from './document.ts'
import type { Operations } from './operation.ts'

const TYPES = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', 'text/javascript; charset=utf-8'],
])

export interface DocsParts {
  publicUrl: URL
  operations: Operations
  /** The routes that are served, each `METHOD /pattern`. */
  routes: () => Iterable<string>
  /** The address of the script that starts Swagger UI. */
  script: string
}

/** The OpenAPI document and its page. Open to all, as they hold no data. */
export function docsRoutes({ publicUrl, operations, routes, script }: DocsParts) {
  const files = createRequire(import.meta.url)
  let document: object | undefined
  return new Hono<AnyRequest>()
    .get('/openapi.json', (c) => {
      document ??= openApiDocument(operations, routes(), publicUrl)
      return c.json(document)
    })
    .get('/docs', (c) =>
      c.html(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>API · Rosterport</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="api"></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="${script}"></script>
  </body>
</html>`),
    )
    .get('/docs/:file', async (c) => {
      const name = c.req.param('file')
      const type = TYPES.get(name)
      if (!type) throw notFound('file')
      c.header('Cache-Control', 'public, max-age=86400')
      return c.body(await readFile(files.resolve(`swagger-ui-dist/${name}`)), 200, { 'Content-Type': type })
    })
}

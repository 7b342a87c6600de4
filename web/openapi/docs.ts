import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { notFound } from '../http/errors.ts'
import type { Reached } from '../http/request-context.ts'
import { openApiDocument } from './document.ts'

const TYPES: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}

/** The description of the API and its page, open to all: they tell of the program and of nobody's data. */
export function docsRoutes(publicUrl: URL, routes: () => Iterable<string>, script: string) {
  const files = createRequire(import.meta.url)
  let document: object | undefined
  return new Hono<Reached>()
    .get('/openapi.json', (c) => {
      document ??= openApiDocument(routes(), publicUrl)
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
      const type = TYPES[name]
      if (!type) throw notFound('file')
      c.header('Cache-Control', 'public, max-age=86400')
      return c.body(await readFile(files.resolve(`swagger-ui-dist/${name}`)), 200, { 'Content-Type': type })
    })
}

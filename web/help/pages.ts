import { Hono } from 'hono'
import { notFound } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { helpDocuments, helpImage } from './documents.ts'
import { helpPage } from './help.tsx'

/** The documents of the project, for people who have no repository. */
export function helpPages(parts: FrameParts) {
  const documents = helpDocuments()
  return new Hono<SignedInRequest>()
    .get('/help', (c) => c.redirect('/help/administrators', 303))
    .get('/help/images/:file', (c) => {
      const image = helpImage(c.req.param('file'))
      if (!image) throw notFound('file')
      return c.body(new Uint8Array(image), 200, { 'Content-Type': 'image/png' })
    })
    .get('/help/:name', async (c) => {
      const shown = documents.find(({ name }) => name === c.req.param('name'))
      if (!shown) throw notFound('page')
      return c.html(helpPage(await frameOf(c, parts), documents, shown))
    })
}

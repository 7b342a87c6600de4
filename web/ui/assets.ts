import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { Hono } from 'hono'
import { notFound } from '../http/errors.ts'
import type { Reached } from '../http/request-context.ts'

// Beside this module, in the source as in what is built of it.
const FOLDER = new URL('./assets/', import.meta.url)

/** Fonts stand in their packages, under names that we shorten. */
const FONTS: Record<string, string> = {
  'inter.woff2': '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2',
  'inter-ext.woff2': '@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2',
  'mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
}

const TYPES: Partial<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

interface Asset {
  body: Uint8Array<ArrayBuffer>
  type: string
  hash: string
}

/** What browsers load beside the pages: few and small, so they are held in memory. */
export class Assets {
  readonly #assets = new Map<string, Asset>()
  constructor() {
    for (const [name, file] of Object.entries(FONTS)) this.#hold(name, readFileSync(new URL(import.meta.resolve(file))))
    // The stylesheet comes last: it names the others.
    for (const name of readdirSync(FOLDER).sort()) this.#hold(name, readFileSync(new URL(name, FOLDER)))
  }

  #hold(name: string, content: Buffer): void {
    const type = TYPES[extname(name)]
    if (!type) return
    const body = new Uint8Array(extname(name) === '.css' ? this.#withUrls(content.toString()) : content)
    this.#assets.set(name, { body, type, hash: createHash('sha256').update(body).digest('base64url').slice(0, 16) })
  }

  /** What a stylesheet loads has the names under which pages load it too, or it would be loaded twice. */
  #withUrls(css: string): Buffer {
    return Buffer.from(css.replace(/url\("([\w.-]+)"\)/g, (_, name: string) => `url("${this.url(name)}")`))
  }

  /** Changes with the content, so a browser may keep what it loaded from it for good. */
  url(name: string): string {
    const asset = this.#assets.get(name)
    if (!asset) throw new Error(`there is no asset ${name}`)
    return `/assets/${name}?v=${asset.hash}`
  }

  routes() {
    return new Hono<Reached>().get('/assets/:name', (c) => {
      const asset = this.#assets.get(c.req.param('name'))
      if (!asset) throw notFound('file')
      const current = c.req.query('v') === asset.hash
      c.header('ETag', `"${asset.hash}"`)
      c.header('Cache-Control', current ? 'public, max-age=31536000, immutable' : 'no-cache')
      if (c.req.header('If-None-Match') === `"${asset.hash}"`) return c.body(null, 304)
      return c.body(asset.body, 200, { 'Content-Type': asset.type })
    })
  }
}

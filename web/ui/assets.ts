import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { accepts } from 'hono/accepts'
import { notFound } from '../http/refusal.ts'
import type { AnyRequest } from '../http/request-context.ts'

// Beside this module, in the source and in the build.
const FOLDER = new URL('./assets/', import.meta.url)

/** Fonts come from their packages; we shorten their names. */
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
  /** The same, compressed; null for what is compressed already. */
  packed: Uint8Array<ArrayBuffer> | null
  type: string
  hash: string
}

/** Stylesheet, scripts, fonts and icons. They are few and small, so they stay in memory. */
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
    const packed = type.startsWith('font/') ? null : new Uint8Array(gzipSync(body, { level: 9 }))
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    this.#assets.set(name, { body, packed, type, hash })
  }

  /** The stylesheet uses the same addresses as the pages, or a browser would load the same file twice. */
  #withUrls(css: string): Buffer {
    return Buffer.from(css.replace(/url\("([\w.-]+)"\)/g, (_, name: string) => `url("${this.url(name)}")`))
  }

  /** Changes with the content, so a browser may cache it for ever. */
  url(name: string): string {
    const asset = this.#assets.get(name)
    if (!asset) throw new Error(`there is no asset ${name}`)
    return `/assets/${name}?v=${asset.hash}`
  }

  routes() {
    return new Hono<AnyRequest>().get('/assets/:name', (c) => {
      const asset = this.#assets.get(c.req.param('name'))
      if (!asset) throw notFound('file')
      const current = c.req.query('v') === asset.hash
      c.header('ETag', `"${asset.hash}"`)
      c.header('Cache-Control', current ? 'public, max-age=31536000, immutable' : 'no-cache')
      if (c.req.header('If-None-Match') === `"${asset.hash}"`) return c.body(null, 304)
      const { body, packed, type } = asset
      c.header('Vary', 'Accept-Encoding')
      const encoding = accepts(c, { header: 'Accept-Encoding', supports: ['gzip'], default: 'identity' })
      if (!packed || encoding === 'identity') return c.body(body, 200, { 'Content-Type': type })
      return c.body(packed, 200, { 'Content-Type': type, 'Content-Encoding': 'gzip' })
    })
  }
}

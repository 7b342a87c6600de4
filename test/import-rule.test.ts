import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What each folder may import besides itself: `model` <- `files`, `store`, `notify` <- `ingest` <- `server`, `web` <- `start` <- `main.ts`. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  files: ['model'],
  migrations: [],
  store: ['model', 'migrations'],
  notify: ['model'],
  ingest: ['model', 'files', 'store', 'notify'],
  server: ['model', 'files', 'store', 'notify'],
  web: ['model', 'files', 'store', 'notify', 'ingest'],
  start: ['model', 'files', 'store', 'notify', 'ingest', 'server', 'web', 'config.ts', 'log.ts'],
}

/** The one folder that each library belongs to. */
const LIBRARY_HOMES: Record<string, string[]> = {
  'ftp-srv': ['server'],
  selfsigned: ['server'],
  ssh2: ['server'],
  'csv-parse': ['ingest'],
  croner: ['ingest'],
  'libphonenumber-js': ['ingest'],
  kysely: ['store', 'migrations'],
  pg: ['store'],
  'pg-copy-streams': ['store'],
  nodemailer: ['notify'],
  hono: ['web'],
  '@hono/node-server': ['web'],
  '@fastify/busboy': ['web'],
  '@zxcvbn-ts/core': ['web'],
  '@zxcvbn-ts/language-common': ['web'],
}

/** The folders of web that every feature may use, and what each of them may import within web. */
const SHARED_BY_FEATURES: Record<string, string[]> = { http: [], ui: ['http'], openapi: ['http'] }

/** Through this file alone a feature lets others use what it has. */
const EXPORTS = 'exports.ts'

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

/** Those of a folder with its subfolders; `.` is the root alone. */
function importsOf(folder: string): Import[] {
  return importsIn(folder === '.' ? '*.ts' : `${folder}/**/*.{ts,tsx}`)
}

function importsIn(files: string): Import[] {
  return globSync(files, { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const statements = text.matchAll(/^\s*(import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)
    return [...statements].map(([, , type, to]) => ({ from: file, to: to as string, typeOnly: type !== undefined }))
  })
}

function folderOf(statement: Import): string {
  return relative(ROOT, join(ROOT, dirname(statement.from), statement.to)).split('/')[0] as string
}

for (const [folder, allowed] of Object.entries(MAY_IMPORT))
  test(`${folder} imports only from ${['itself', ...allowed].join(', ')}`, () => {
    const wrong = importsOf(folder)
      .filter(({ to }) => to.startsWith('.'))
      .map((statement) => ({ ...statement, folder: folderOf(statement) }))
      // The log is a leaf that is handed in; only its type is imported.
      .filter((statement) => !(statement.folder === 'log.ts' && statement.typeOnly))
      .filter((statement) => ![folder, ...allowed].includes(statement.folder))
    expect(wrong).toEqual([])
  })

test('only start/ imports config.ts', () => {
  const importers = [...Object.keys(MAY_IMPORT), 'demo']
    .flatMap(importsOf)
    .filter((statement) => statement.to.startsWith('.') && folderOf(statement) === 'config.ts')
  expect([...new Set(importers.map(({ from }) => from.split('/')[0]))]).toEqual(['start'])
})

test('main.ts imports nothing but start/', () => {
  expect([...new Set(importsIn('main.ts').map(folderOf))]).toEqual(['start'])
})

test('config.ts imports from start/ only how a variable is read, which imports nothing of ours', () => {
  const ofStart = importsIn('config.ts').filter(({ to }) => to.startsWith('./start/'))
  expect(ofStart.filter(({ to }) => !to.startsWith('./start/environment/'))).toEqual([])
  expect(importsOf('start/environment').filter(({ to }) => to.startsWith('..'))).toEqual([])
})

/** The folder within web that a file stands in; null outside of web, and for what web's root assembles. */
function roomOf(file: string): string | null {
  return /^web\/([^/]+)\//.exec(file)?.[1] ?? null
}

const within = (statement: Import) => ({ ...statement, to: join(dirname(statement.from), statement.to) })
const webImports = () =>
  importsOf('web')
    .filter(({ to }) => to.startsWith('.'))
    .map(within)
    .filter(({ from, to }) => roomOf(from) !== null && to.startsWith('web/') && roomOf(from) !== roomOf(to))

test('what features share imports from no feature', () => {
  const wrong = webImports().filter(({ from, to }) => {
    const allowed = SHARED_BY_FEATURES[roomOf(from) as string]
    return allowed && !allowed.includes(roomOf(to) ?? '')
  })
  expect(wrong).toEqual([])
})

test('a feature imports from http, ui, openapi, and from another feature only what its exports.ts offers', () => {
  const ofFeatures = webImports().filter(({ from }) => !((roomOf(from) as string) in SHARED_BY_FEATURES))
  const wrong = ofFeatures.filter(({ to }) => {
    const room = roomOf(to)
    return room === null || (!(room in SHARED_BY_FEATURES) && to !== `web/${room}/${EXPORTS}`)
  })
  expect(wrong).toEqual([])
  expect(ofFeatures.length).toBeGreaterThan(100)
})

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
function circlesAmong(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const path: string[] = []
  const circles: string[][] = []
  const visit = (file: string): number => {
    const known = lowest.get(file)
    if (known !== undefined) return known
    order.set(file, order.size)
    lowest.set(file, order.size - 1)
    path.push(file)
    for (const { to } of targets.get(file) ?? []) {
      const reached = visit(to)
      if (path.includes(to)) lowest.set(file, Math.min(lowest.get(file) as number, reached))
    }
    const low = lowest.get(file) as number
    if (low === order.get(file)) {
      const circle = path.splice(path.indexOf(file))
      if (circle.length > 1) circles.push(circle.sort())
    }
    return low
  }
  for (const file of targets.keys()) visit(file)
  return circles
}

test('a circle of imports is found, also one by type and one over several files', () => {
  const arrow = (from: string, to: string, typeOnly = false) => ({ from, to, typeOnly })
  const arrows = [arrow('a', 'b'), arrow('b', 'c', true), arrow('c', 'a'), arrow('c', 'd'), arrow('e', 'd')]
  expect(circlesAmong(arrows)).toEqual([['a', 'b', 'c']])
})

test('no files of the product import each other in a circle, not even by type', () => {
  const imports = [...Object.keys(MAY_IMPORT), 'demo', '.']
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith('.'))
    .map(within)
  expect(circlesAmong(imports)).toEqual([])
  for (const file of ['main.ts', 'start/configuration.ts', 'model/run.ts'])
    expect(imports.map(({ from }) => from)).toContain(file)
})

/** A migration stands in one ordered list, which only grows. */
const ORDERED_LISTS = ['migrations']

test('no folder is too long to be read at a glance', () => {
  const folders = Map.groupBy(
    globSync('{*,*/**/*}.{ts,tsx}', { cwd: ROOT, exclude: ['node_modules', 'dist'] }),
    dirname,
  )
  expect(folders.size).toBeGreaterThan(50)
  const long = [...folders].filter(([folder, files]) => files.length > 25 && !ORDERED_LISTS.includes(folder))
  expect(long.map(([folder, files]) => [folder, files.length])).toEqual([])
})

for (const [library, homes] of Object.entries(LIBRARY_HOMES))
  test(`${library} is used in ${homes.join(' and ')} alone, and is used there`, () => {
    const uses = Object.keys(MAY_IMPORT)
      .flatMap(importsOf)
      .filter(({ to }) => to === library || to.startsWith(`${library}/`))
      // A pool or a connection is handed on by its type.
      .filter((statement) => !(library === 'pg' && statement.typeOnly))
    expect(uses.filter(({ from }) => !homes.includes(from.split('/')[0] as string))).toEqual([])
    expect(uses.length).toBeGreaterThan(0)
  })

test('no statement reaches the database as unchecked text', () => {
  const raw = globSync('{model,files,store,notify,ingest,server,web,start,migrations}/**/*.{ts,tsx}', {
    cwd: ROOT,
  }).filter((file) => /\bsql\.raw\b/.test(readFileSync(join(ROOT, file), 'utf8')))
  expect(raw).toEqual([])
})

/** A pattern that is made of text could run for ever; these are made once, of our own constants and the numbering plan. */
const MADE_PATTERNS = ['ingest/records/area-codes.ts', 'ingest/records/mobile-number.ts']

test('no code, command or pattern is made of text, and no secret of a predictable number', () => {
  const product = Object.keys(MAY_IMPORT).flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx,js}`, { cwd: ROOT }))
  expect(product.length).toBeGreaterThan(300)
  const holding = (pattern: RegExp) => product.filter((file) => pattern.test(readFileSync(join(ROOT, file), 'utf8')))
  expect(
    holding(/\beval\(|\bnew Function\(|node:vm|\bshell: true|\bexecSync\(|Math\.random|(?:local|session)Storage/),
  ).toEqual([])
  expect(holding(/new RegExp\(/).sort()).toEqual(MADE_PATTERNS)
  expect(holding(/node:child_process/).filter((file) => !file.startsWith('store/postgres/embedded/'))).toEqual([])
})

test('what a delimiter means is decided in model/delimiters.ts alone', () => {
  const wrong = Object.keys(MAY_IMPORT)
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
    .filter((file) => /[=!]== '(?:tab|comma)'/.test(readFileSync(join(ROOT, file), 'utf8')))
  expect(wrong).toEqual([])
})

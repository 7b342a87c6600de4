import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What each folder may import besides itself: `model` <- `files`, `store`, `notify` <- `ingest` <- `server`, `web` <- `main.ts`. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  files: ['model'],
  migrations: [],
  store: ['model', 'migrations'],
  notify: ['model'],
  ingest: ['model', 'files', 'store', 'notify'],
  server: ['model', 'files', 'store', 'notify'],
  web: ['model', 'files', 'store', 'notify', 'ingest'],
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
  '@zxcvbn-ts/language-common': ['web'],
}

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

function importsOf(folder: string): Import[] {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }).flatMap((file) => {
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

test('only main.ts imports config.ts', () => {
  const wrong = [...Object.keys(MAY_IMPORT), 'demo']
    .flatMap(importsOf)
    .filter((statement) => statement.to.startsWith('.') && folderOf(statement) === 'config.ts')
  expect(wrong).toEqual([])
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
  const raw = globSync('{model,files,store,notify,ingest,server,web,migrations}/**/*.{ts,tsx}', { cwd: ROOT }).filter(
    (file) => /\bsql\.raw\b/.test(readFileSync(join(ROOT, file), 'utf8')),
  )
  expect(raw).toEqual([])
})

test('outside web no file imports itself in a circle, not by type either', () => {
  const files = Object.keys(MAY_IMPORT).flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
  const imports = new Map(files.map((file) => [file, [] as string[]]))
  for (const { from, to } of Object.keys(MAY_IMPORT).flatMap(importsOf))
    if (to.startsWith('.')) imports.get(from)?.push(join(dirname(from), to))
  expect(circles(imports).filter((circle) => !circle.every((file) => file.startsWith('web/')))).toEqual([])
})

/** The groups of files each of which leads to each other (Tarjan). */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = []
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const open: string[] = []
  const visit = (file: string): void => {
    order.set(file, order.size)
    lowest.set(file, order.get(file) as number)
    open.push(file)
    for (const to of imports.get(file) ?? []) {
      if (!imports.has(to)) continue
      if (!order.has(to)) visit(to)
      if (open.includes(to)) lowest.set(file, Math.min(lowest.get(file) as number, lowest.get(to) as number))
    }
    if (lowest.get(file) !== order.get(file)) return
    const group = open.splice(open.indexOf(file))
    if (group.length > 1) found.push(group.sort())
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return found
}

test('what a delimiter means is decided in model/delimiters.ts alone', () => {
  const wrong = Object.keys(MAY_IMPORT)
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }))
    .filter((file) => /[=!]== '(?:tab|comma)'/.test(readFileSync(join(ROOT, file), 'utf8')))
  expect(wrong).toEqual([])
})

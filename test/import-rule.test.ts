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

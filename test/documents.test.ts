import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../start/commands/index.ts'

const ROOT = join(import.meta.dirname, '..')
const NOT_OF_THE_TREE = new Set(['node_modules', 'dist', 'data', '.git'])

const tree = globSync('**/*', { cwd: ROOT, exclude: (name) => NOT_OF_THE_TREE.has(basename(name)) })
const paths = new Set(tree)
const documents = tree.filter((path) => path.endsWith('.md')).sort()
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifest = JSON.parse(read('package.json'))

/** As GitHub makes the anchor of a heading. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

function linksOf(path: string): { link: string; to: string; anchor: string | undefined }[] {
  return [...read(path).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([link, to = '', anchor]) => ({
    link,
    to: to === '' ? path : join(dirname(path), to),
    anchor,
  }))
}

function isBroken({ to, anchor }: { to: string; anchor: string | undefined }): boolean {
  return !paths.has(to) || (anchor !== undefined && !anchorsOf(read(to)).includes(anchor))
}

/** A bare name may stand anywhere in the tree; a path begins at the root, at the document or, for a test, at `test/`. */
function isInTree(named: string, document: string): boolean {
  const path = named.replace(/^dist\/(.+)\.js$/, '$1.ts').replace(/\/$/, '')
  if (!path.includes('/')) return tree.some((one) => basename(one) === path)
  return ['', 'test', dirname(document)].some((folder) => paths.has(join(folder, path)))
}

const folders = new Set(tree.filter((path) => !path.includes('/')))

/** What stands in backticks and looks like a file, or like a folder below one of the root. */
function pathsNamedIn(path: string): string[] {
  return [...read(path).matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, named = '']) => named.split(', '))
    .filter((named) => /^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(named))
    .filter(
      (named) =>
        /\.(tsx?|mjs|js|md|json|sql|yaml)$/.test(named) ||
        (named.endsWith('/') && folders.has(named.split('/')[0] ?? '')),
    )
}

test('documents, links and names of files are found to be checked', () => {
  expect(documents).toEqual(expect.arrayContaining(['ARCHITECTURE.md', 'README.md', 'docs/security.md']))
  expect(pathsNamedIn('docs/security.md').length).toBeGreaterThan(30)
  expect(linksOf('ARCHITECTURE.md').length).toBeGreaterThan(20)
})

describe.each(documents)('%s', (path) => {
  test('links only to files and headings that exist', () => {
    expect(
      linksOf(path)
        .filter(isBroken)
        .map(({ link }) => link),
    ).toEqual([])
  })

  test('names only files and folders that exist', () => {
    expect(pathsNamedIn(path).filter((named) => !isInTree(named, path))).toEqual([])
  })

  test('names only scripts of package.json', () => {
    const scripts = [...read(path).matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map(([, script = '']) => script)
    expect(scripts.filter((script) => !(script in manifest.scripts))).toEqual([])
  })
})

/** Test files named in a text, each with the parts of titles in quotes behind it. */
function testsNamedIn(text: string): { file: string; titles: string[] }[] {
  return [...text.matchAll(/`([\w./-]+\.test\.tsx?)`((?: "[^"\n]+"(?:,(?= "))?)*)/g)].map(
    ([, file = '', behind = '']) => ({
      file,
      titles: [...behind.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
    }),
  )
}

/** True if a line of code, not a comment, holds the title or the part of it. */
function hasTest(file: string, title: string): boolean {
  return read(join('test', file))
    .replaceAll("\\'", "'")
    .split('\n')
    .some((line) => line.includes(title) && !/^\s*(?:\/\/|\/?\*)/.test(line))
}

describe.each(['docs/asvs.md', 'docs/security.md'])('the tests that %s names', (path) => {
  const named = testsNamedIn(read(path))

  test('stand there with their titles, which exist', () => {
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter(({ titles }) => titles.length === 0)).toEqual([])
    const missing = named.flatMap(({ file, titles }) =>
      titles.filter((title) => !hasTest(file, title)).map((title) => `${file}: ${title}`),
    )
    expect(missing).toEqual([])
  })
})

test('each requirement of docs/asvs.md that is met names the test that shows it', () => {
  const met = [...read('docs/asvs.md').matchAll(/^\| ([\d., ]+.*?) \| met \| (.*) \|$/gm)]
  expect(met.length).toBeGreaterThan(50)
  expect(met.filter(([, , shown = '']) => testsNamedIn(shown).length === 0).map(([, number]) => number)).toEqual([])
})

test('each threat and each control of docs/security.md names the test that shows it', () => {
  const [threats = '', controls = ''] = read('docs/security.md').split('## Controls')
  const claims = [
    ...threats.split('\n').filter((line) => /^(?:\| (?!attacker)\w|- )/.test(line)),
    ...(controls.split('## Not done')[0] ?? '').split('### ').slice(1),
  ]
  expect(claims.length).toBeGreaterThan(25)
  expect(claims.filter((claim) => testsNamedIn(claim).length === 0)).toEqual([])
})

describe("the README's table of commands", () => {
  const rows = [...read('README.md').matchAll(/^\| `([^`]+)` \| [^|]+ \|$/gm)]
    .map(([, call = '']) => call)
    .filter((call) => /^[a-z-]+( |$)/.test(call))
  const nameOf = (call: string) => call.split(' ')[0]

  test('names each command of the program, and no other', () => {
    const named = new Set(rows.map(nameOf))
    expect([...named].sort()).toEqual([...Object.keys(COMMANDS), '--help'].sort())
  })

  test.each(Object.entries(COMMANDS))('shows what %s takes, with and without its options', (name, { takes }) => {
    const calls = rows.filter((call) => nameOf(call) === name)
    const words = takes.split(' ').filter((word) => word !== '')
    const without = words.filter((word) => !word.startsWith('['))
    const all = words.map((word) => word.replace(/[[\]]/g, ''))
    expect(calls).toEqual([...new Set([[name, ...without].join(' '), [name, ...all].join(' ')])])
  })
})

test('the version is the same in package.json, its lock, the changelog and the README', () => {
  const lock = JSON.parse(read('package-lock.json'))
  const [released] = [...read('CHANGELOG.md').matchAll(/^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$/gm)]
  const [, shown] = /\*\*Version\*\* (\S+)\./.exec(read('README.md')) ?? []
  expect([lock.version, lock.packages[''].version, released?.[1], shown]).toEqual(Array(4).fill(manifest.version))
})

import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** The files of the project that `npm run build` compiles. */
function compiledFiles(): string[] {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const listed = execFileSync(tsc, ['-p', 'tsconfig.build.json', '--listFilesOnly'], { cwd: ROOT, encoding: 'utf8' })
  const files = listed.split('\n').filter((file) => /\.tsx?$/.test(file))
  return files.map((file) => relative(ROOT, file)).filter((file) => !file.startsWith('node_modules'))
}

/** The packages whose code, not only their types, a file imports. */
function packagesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\s)(?:[^'"]*?\sfrom\s+)?['"]([^.'"][^'"]*)['"]/gm)
  return [...statements].map(([, from = '']) => from).filter((from) => !isBuiltin(from))
}

test('everything that a thread runs is compiled, though no import names it', () => {
  const compiled = compiledFiles()
  const threads = globSync('{files,store,ingest,server,web}/**/*-thread.ts', { cwd: ROOT })
  expect(threads.length).toBeGreaterThan(0)
  for (const thread of threads) expect(compiled).toContain(thread)
})

/** The folders of dist/ that `npm run build:production`, which builds the image, drops. */
function droppedFolders(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const [, dropped = ''] = /rm -rf((?: dist\/\w+)+)/.exec(scripts['build:production']) ?? []
  return dropped.replaceAll('dist/', '').trim().split(' ')
}

const folderOf = (file: string) => file.split('/')[0] as string

test('no package runs a script when it is installed', () => {
  expect(readFileSync(join(ROOT, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true')
  const config = execFileSync('npm', ['config', 'get', 'ignore-scripts'], { cwd: ROOT, encoding: 'utf8' })
  expect(config.trim()).toBe('true')
})

test('the image drops demo, benchmarks and helpers of the tests, as far as they are compiled', () => {
  const compiled = new Set(compiledFiles().map(folderOf))
  const beside = ['bench', 'demo', 'scripts', 'test'].filter((folder) => compiled.has(folder))
  expect(droppedFolders().sort()).toEqual(beside)
})

test('what the image keeps needs no package that only development has', () => {
  const dropped = droppedFolders()
  const kept = compiledFiles().filter((file) => !dropped.includes(folderOf(file)))
  const needs = kept.flatMap((file) => packagesOf(file).map((from) => ({ file, from })))
  expect(needs.length).toBeGreaterThan(50)
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const names = Object.keys(dependencies)
  expect(needs.filter(({ from }) => !names.some((name) => `${from}/`.startsWith(`${name}/`)))).toEqual([])
})

import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { settle, withImportDatabase } from './import-database.ts'
import { programBeside } from './program.ts'
import type { RepeatsMeasures } from './repeats-once.ts'

const run = promisify(execFile)

/** For all steps of a file together. */
const LIMIT_SECONDS = 300
/** How much of the time and the memory of distinct records the others may take. */
const ASKED = 1.5

interface Shape {
  title: string
  id: (n: number) => string
  mobile: (n: number) => string
}

const ownId = (n: number) => `S${n}`
/** Of numbers in use, and of those alike but for the last digits. */
const numberOf = (n: number) => `716-${200 + (Math.floor(n / 10_000) % 800)}-${String(n % 10_000).padStart(4, '0')}`

const DISTINCT: Shape = { title: 'distinct', id: ownId, mobile: numberOf }

const SHAPES: Shape[] = [
  DISTINCT,
  { title: 'one mobile number', id: ownId, mobile: () => numberOf(0) },
  { title: '100 records a mobile number', id: ownId, mobile: (n) => numberOf(Math.floor(n / 100)) },
  { title: 'one Contact ID', id: () => ownId(0), mobile: numberOf },
  { title: 'one error', id: ownId, mobile: () => '12' },
  { title: 'all alike', id: () => ownId(0), mobile: () => numberOf(0) },
]

/** The cost of records that repeat something, against as many that repeat nothing. */
export async function benchRepeats({ records, rounds }: { records: number; rounds: number }): Promise<string> {
  return withImportDatabase(async ({ db, folder }) => {
    const measures = SHAPES.map(() => [] as RepeatsMeasures[])
    for (const [index, shape] of SHAPES.entries())
      for (const last of LAST_NAMES) await writeFile(join(folder, `${index}-${last}.csv`), shape, last, records)
    for (let round = 0; round < rounds; round++)
      for (const index of SHAPES.keys()) {
        await sql`truncate contact, record_error, record_warning, contact_before`.execute(db)
        await settle(db, 'contact')
        const files = LAST_NAMES.map((last) => `${index}-${last}.csv`)
        const { stdout } = await run(process.execPath, [
          ...process.execArgv,
          programBeside('repeats-once'),
          ...[folder, ...files, String(LIMIT_SECONDS)],
        ])
        measures[index]?.push(JSON.parse(stdout))
      }
    return report(records, rounds, measures)
  })
}

/** The second file changes every contact of the first. */
const LAST_NAMES = ['Lee', 'Kim']
const STEPS = ['check', 'import', 'check, all changed', 'import, all changed', 'undo', 'undo of the first']

async function writeFile(path: string, { id, mobile }: Shape, last: string, records: number): Promise<void> {
  function* lines() {
    yield 'ID,First,Last,Cell\r\n'
    for (let n = 0; n < records; n++) yield `${id(n)},Ann,${last},${mobile(n)}\r\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path))
}

function report(records: number, rounds: number, measures: readonly RepeatsMeasures[][]): string {
  const [distinct] = measures.map(medians)
  const lines = [
    `${records.toLocaleString('en-US')} records of 4 columns, medians of ${rounds}; seconds of each step, and how many times the whole takes of distinct records (asked: ${ASKED}).`,
    '',
    `| records | ${STEPS.join(' | ')} | all | times | peak memory, MB | times |`,
    `|${'---|'.repeat(STEPS.length + 5)}`,
  ]
  for (const [index, { title }] of SHAPES.entries()) {
    const { steps, all, megabytes } = medians(measures[index] as RepeatsMeasures[])
    const cells = [
      ...steps.map((seconds) => seconds?.toFixed(1) ?? 'not ended'),
      all?.toFixed(1) ?? `over ${LIMIT_SECONDS}`,
      all && distinct?.all ? (all / distinct.all).toFixed(2) : 'over',
      megabytes,
      (megabytes / (distinct?.megabytes ?? 1)).toFixed(2),
    ]
    lines.push(`| ${title} | ${cells.join(' | ')} |`)
  }
  return `${lines.join('\n')}\n`
}

/** Null where a step did not end within the time. */
function medians(measured: readonly RepeatsMeasures[]) {
  const steps = STEPS.map((_, step) => median(measured.map(({ seconds }) => seconds[step] ?? Number.POSITIVE_INFINITY)))
  const all = median(
    measured.map(({ seconds }) => (seconds.length < STEPS.length ? Number.POSITIVE_INFINITY : sum(seconds))),
  )
  return { steps, all, megabytes: Math.max(...measured.map(({ megabytes }) => megabytes)) }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function median(values: readonly number[]): number | null {
  const middle = [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
  return Number.isFinite(middle) ? middle : null
}

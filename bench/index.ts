import { parseArgs } from 'node:util'
import { benchAbuse } from './abuse.ts'
import { benchFtp } from './ftp.ts'
import { benchIngest } from './ingest.ts'
import { benchIngestSize } from './ingest-size.ts'
import { benchLive } from './live.ts'
import { benchManualImport } from './manual-import.ts'
import { benchPages } from './pages.ts'
import { benchPagesDuringImport } from './pages-during-import.ts'
import { benchRepeats } from './repeats.ts'
import { benchResults } from './results.ts'
import { benchSftp } from './sftp.ts'

/** The benchmarks, each against its yardstick in the same run. `npm run bench -- ingest --records 100000 --rounds 3` */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    gigabytes: { type: 'string' },
    only: { type: 'string' },
  },
})

const records = (usual = 1_000_000) => Number(values.records ?? usual)

const SUBJECTS: Record<string, () => Promise<string>> = {
  abuse: () => benchAbuse({ rounds: Number(values.rounds), only: values.only }),
  ftp: () => benchFtp({ rounds: Number(values.rounds) }),
  sftp: () => benchSftp({ rounds: Number(values.rounds), mebibytes: 256 }),
  pages: benchPages,
  ingest: () => benchIngest({ records: records(), rounds: Number(values.rounds) }),
  'ingest-size': () =>
    benchIngestSize({ records: records(), gigabytes: values.gigabytes ? Number(values.gigabytes) : null }),
  'pages-during-import': () => benchPagesDuringImport({ records: records() }),
  live: () => benchLive({ seconds: 60 }),
  'manual-import': benchManualImport,
  results: () => benchResults({ rounds: Number(values.rounds) }),
  repeats: () => benchRepeats({ records: records(200_000), rounds: Number(values.rounds) }),
}

for (const subject of positionals.length > 0 ? positionals : Object.keys(SUBJECTS)) {
  const measure = SUBJECTS[subject]
  if (!measure) throw new Error(`there is no benchmark "${subject}"; there are: ${Object.keys(SUBJECTS).join(', ')}`)
  process.stdout.write(`\n## ${subject}\n\n${await measure()}`)
}

import { parseArgs } from 'node:util'
import { benchFtp } from './ftp.ts'
import { benchIngest } from './ingest.ts'
import { benchIngestSize } from './ingest-size.ts'
import { benchManualImport } from './manual-import.ts'
import { benchPages } from './pages.ts'
import { benchPagesDuringImport } from './pages-during-import.ts'
import { benchSftp } from './sftp.ts'

/** The benchmarks, each against its yardstick in the same run. `npm run bench -- ingest --records 100000 --rounds 3` */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    gigabytes: { type: 'string' },
  },
})

const SUBJECTS: Record<string, () => Promise<string>> = {
  ftp: () => benchFtp({ rounds: Number(values.rounds) }),
  sftp: () => benchSftp({ rounds: Number(values.rounds), mebibytes: 256 }),
  pages: benchPages,
  ingest: () => benchIngest({ records: Number(values.records), rounds: Number(values.rounds) }),
  'ingest-size': () =>
    benchIngestSize({ records: Number(values.records), gigabytes: values.gigabytes ? Number(values.gigabytes) : null }),
  'pages-during-import': () => benchPagesDuringImport({ records: Number(values.records) }),
  'manual-import': benchManualImport,
}

for (const subject of positionals.length > 0 ? positionals : Object.keys(SUBJECTS)) {
  const measure = SUBJECTS[subject]
  if (!measure) throw new Error(`there is no benchmark "${subject}"; there are: ${Object.keys(SUBJECTS).join(', ')}`)
  process.stdout.write(`\n## ${subject}\n\n${await measure()}`)
}

import { parseArgs } from 'node:util'
import { benchFtp } from './ftp.ts'

/** The benchmarks, each against its yardstick in the same run. `npm run bench -- ftp --rounds 5` */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
})

const SUBJECTS: Record<string, () => Promise<string>> = {
  ftp: () => benchFtp({ rounds: Number(values.rounds) }),
}

for (const subject of positionals.length > 0 ? positionals : Object.keys(SUBJECTS)) {
  const measure = SUBJECTS[subject]
  if (!measure) throw new Error(`there is no benchmark "${subject}"; there are: ${Object.keys(SUBJECTS).join(', ')}`)
  process.stdout.write(`\n## ${subject}\n\n${await measure()}`)
}

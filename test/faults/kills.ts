import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SERVICE_FLAGS } from '../../bench/program.ts'
import { HARDSHIPS, KillAndStart, type Round } from '../support/machine/kill-and-start.ts'
import type { Program } from '../support/machine/owner-process.ts'
import { seededRandom } from '../support/random.ts'
import { SmallDisk } from './small-disk.ts'

/** The whole service with its embedded PostgreSQL is killed again and again, and started at once. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    /** No round begins later than this many seconds after the start. */
    within: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const random = seededRandom(seed)
const MAIN = join(import.meta.dirname, '../../dist/main.js')
const DISK_BYTES = 600 * 2 ** 20
const say = (line: string) => process.stdout.write(`${line}\n`)

const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-kills-'))
const disk = await SmallDisk.on(dataDir, { bytes: DISK_BYTES }).catch(() => null)
if (!disk) say('No small disk can be made here: rounds with a full disk are left out.')
const subject = new KillAndStart({ dataDir, program: service, random, disk })
const rounds: Round[] = []
try {
  await subject.open()
  const hardships = HARDSHIPS.filter((each) => disk || each !== 'a full disk')
  while (rounds.length < Number(values.rounds) && performance.now() < Number(values.within) * 1000) {
    const round = await subject.round(hardships[Math.floor(random() * hardships.length)] ?? 'everything')
    rounds.push(round)
    say(
      `${round.wrong.length === 0 ? 'ok  ' : 'FAIL'} ${String(rounds.length).padStart(3)} ${round.seconds.toFixed(1)} s  ${round.hardship}`,
    )
    for (const line of round.wrong) say(`       ${line}`)
  }
} finally {
  await subject.close()
  await disk?.remove()
  await rm(dataDir, { recursive: true, force: true })
}
const green = rounds.filter(({ wrong }) => wrong.length === 0).length
say(`${Math.round(performance.now() / 1000)} s, seed ${seed}: ${green} of ${rounds.length} rounds green`)
process.exitCode = green === rounds.length ? 0 : 1

function service(folder: string): Program {
  return {
    command: [process.execPath, ...SERVICE_FLAGS, MAIN],
    env: { DATA_DIR: folder, HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '0' },
    ready: '"msg":"ready"',
  }
}

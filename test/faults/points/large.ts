import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Point, runEnded, until } from '../point.ts'
import { isOver } from '../quiet.ts'
import { IMPORTS, newSubject } from '../subject.ts'
import { enterHostFile } from '../uploads.ts'
import type { World } from '../world.ts'

const BYTES = 2 * 1024 ** 3
const MIB = 1 << 20
/** What the process may hold at any size of a file. */
const MOST_MIB = 320
const COURSES = ['Law and Society', 'Chemistry with a Year Abroad', 'History of Art', 'Marine Biology']
/** Makes a record a few hundred bytes long, as wide exports are. */
const REMARK =
  'lives on campus; advised in the second week of the term; writes to the registrar about the transcript of records; '

export const LARGE_POINTS: readonly Point[] = [
  {
    title: 'a file of 2 GiB, killed once in the middle: every record, in constant memory',
    async run(world) {
      const subject = await newSubject(world, [], { upload: false })
      // To read millions of contacts again and again would be what is measured, and so would the proxy.
      await subject.watched.stop()
      await world.service.end()
      world.service = world.newProcess({ DATABASE_URL: world.directUrl })
      await world.service.ready()
      const model = await writeFileOf(join(world.rootOf(subject.team), IMPORTS, 'StudentData.csv'))
      await enterHostFile(world, subject.team, 'StudentData.csv')
      let bytesRead = 0
      const deaf = await world.listen((signal) => {
        if (signal.kind === 'progress') bytesRead = signal.progress.bytesRead
      })
      const first = watchMemory(world)
      await world.press(subject.team)
      await until('the middle of the file', () => bytesRead > model.bytes / 2, 1_800_000)
      await deaf()
      world.service.signal('SIGKILL')
      await world.service.gone()
      first.stop()
      world.service = world.newProcess({ DATABASE_URL: world.directUrl })
      await world.service.ready()
      const began = performance.now()
      const second = watchMemory(world)
      await until('the whole file', () => isOver(world, subject), 3_600_000)
      await runEnded(world, subject)
      second.stop()
      const seconds = (performance.now() - began) / 1000
      const curve = second.curve()
      world.say(`${model.records} records in ${seconds.toFixed(0)} s; MiB in ten parts of the time: ${curve.join(' ')}`)
      const wrong: string[] = []
      if (Math.max(...curve, ...first.curve()) > MOST_MIB) wrong.push(`it held more than ${MOST_MIB} MiB`)
      const { rows } = await world.direct.pool.query(
        `select count(*)::int as records, sum(('x' || left(md5(concat_ws(',', contact_id, first_name, last_name,
          mobile_number, custom_fields ->> 'Major')), 8))::bit(32)::bigint)::text as sum
        from contact where team_id = $1`,
        [subject.team.id],
      )
      if (rows[0].records !== model.records) wrong.push(`${rows[0].records} contacts instead of ${model.records}`)
      if (rows[0].sum !== String(model.sum)) wrong.push('the contacts differ from the model')
      const batches = await world.direct.pool.query(`select state, records from batch where team_id = $1`, [
        subject.team.id,
      ])
      if (batches.rows.length !== 1 || batches.rows[0].state !== 'imported')
        wrong.push(`its batches: ${JSON.stringify(batches.rows)}`)
      await world.restart()
      return wrong
    },
  },
]

/** Writes the file as a stream, and answers what the contacts must be. */
async function writeFileOf(path: string): Promise<{ records: number; bytes: number; sum: bigint }> {
  const out = createWriteStream(path, { highWaterMark: 4 * MIB })
  out.write('ID,First,Last,Cell,OptOut,Major\r\n')
  let [records, bytes, sum] = [0, 0, 0n]
  while (bytes < BYTES) {
    const lines: string[] = []
    for (let i = 0; i < 5_000; i++) {
      const n = records++
      const id = `c${String(n).padStart(8, '0')}`
      const cell = `716${2_000_000 + (n % 7_000_000)}`
      const major = `${COURSES[n % COURSES.length]}: ${REMARK}${n * 7919}`
      lines.push(`${id},First${n % 997},Last${n % 7919},${cell},,${major}\r\n`)
      const contact = `${id},First${n % 997},Last${n % 7919},+1${cell},${major}`
      sum += BigInt(createHash('md5').update(contact).digest().readUInt32BE(0))
    }
    const text = lines.join('')
    bytes += text.length
    if (!out.write(text)) await once(out, 'drain')
    await sleep(0)
  }
  out.end()
  await once(out, 'close')
  return { records, bytes, sum }
}

function watchMemory({ service }: World): { stop: () => void; curve: () => number[] } {
  const seen: number[] = []
  const timer = setInterval(() => service.alive && seen.push(service.residentBytes / MIB), 200)
  return {
    stop: () => clearInterval(timer),
    curve: () =>
      Array.from({ length: 10 }, (_, i) =>
        Math.round(
          Math.max(0, ...seen.slice(Math.floor((i * seen.length) / 10), Math.floor(((i + 1) * seen.length) / 10))),
        ),
      ),
  }
}

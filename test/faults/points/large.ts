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
const REMARK =
  'lives on campus; advised in the second week of the term; writes to the registrar about the transcript of records; '
/** Columns that no field is mapped to make a record a thousand bytes long, as wide exports are. */
const UNMAPPED = Array.from({ length: 7 }, (_, column) => `Remark ${column}`)
const REMARKS = UNMAPPED.map(() => REMARK).join(',')

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
      world.say(`to the middle, MiB in ten parts of the time: ${first.curve().join(' ')}`)
      world.say(`${model.records} records in ${seconds.toFixed(0)} s; MiB in ten parts of the time: ${curve.join(' ')}`)
      const wrong: string[] = []
      if (Math.max(...curve, ...first.curve()) > MOST_MIB) wrong.push(`it held more than ${MOST_MIB} MiB`)
      const { rows } = await world.direct.pool.query(CONTACTS_AS_WRITTEN, [subject.team.id, model.records])
      if (rows[0].contacts !== model.records) wrong.push(`${rows[0].contacts} contacts instead of ${model.records}`)
      if (rows[0].right !== model.records)
        wrong.push(`${rows[0].right} contacts of ${model.records} are as they were written`)
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

/** The contacts of a team, and how many of them are what the record of their number says. */
const CONTACTS_AS_WRITTEN = `
  select count(*)::int as contacts, count(*) filter (where n between 0 and $2::int - 1
    and contact_id = 'c' || lpad(n::text, 8, '0') and first_name = 'First' || n % 997 and last_name = 'Last' || n % 7919
    and mobile_number = '+1716' || 2000000 + n % 7000000 and not opted_out
    and custom_fields = jsonb_build_object('Major',
      ('{${COURSES.join()}}'::text[])[n % ${COURSES.length} + 1] || ': ${REMARK}' || n::bigint * 7919))::int as right
  from (select *, substr(contact_id, 2)::int as n from contact where team_id = $1) c`

function record(n: number): string {
  const major = `${COURSES[n % COURSES.length]}: ${REMARK}${n * 7919}`
  return `c${String(n).padStart(8, '0')},First${n % 997},Last${n % 7919},716${2_000_000 + (n % 7_000_000)},,${major},${REMARKS}\r\n`
}

/** Writes the file as a stream. */
async function writeFileOf(path: string): Promise<{ records: number; bytes: number }> {
  const out = createWriteStream(path, { highWaterMark: 4 * MIB })
  const header = `ID,First,Last,Cell,OptOut,Major,${UNMAPPED.join()}\r\n`
  out.write(header)
  let [records, bytes] = [0, header.length]
  while (bytes < BYTES) {
    const text = Array.from({ length: 1_000 }, (_, i) => record(records + i)).join('')
    records += 1_000
    bytes += text.length
    if (!out.write(text)) await once(out, 'drain')
    await sleep(0)
  }
  out.end()
  await once(out, 'close')
  return { records, bytes }
}

function watchMemory({ service }: World): { stop: () => void; curve: () => number[] } {
  const seen: number[] = []
  const timer = setInterval(() => {
    const held = service.residentBytes / MIB
    // Of a process that has just been killed nothing is known.
    if (held > 0) seen.push(held)
  }, 200)
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

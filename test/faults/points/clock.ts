import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { forEachWindow } from '../../../model/daily-windows.ts'
import { type Point, settle, until } from '../point.ts'
import { rosterFiles, statesAfter } from '../roster.ts'
import { newSubject, type Subject } from '../subject.ts'
import { ftpClient, readyUploads } from '../uploads.ts'
import type { World } from '../world.ts'

const ZONE_HOURS = 5
/** A clock in the zone of the team, of a winter's day. */
const onDay = (day: number, hour: number, minute: number, second = 0) =>
  Date.UTC(2027, 0, day, hour + ZONE_HOURS, minute, second)

interface Jump {
  title: string
  from: number
  /** What the clock is set to, one after the other; the first opens the window, and so does the last. */
  to: [number, number, number]
  /** In how many slots the three files are taken. */
  slots: number
}

const DAYS = 86_400_000
const JUMPS: readonly Jump[] = [
  {
    title: 'ahead over the start of a window, back by an hour, and over the start again',
    from: onDay(12, 2, 50),
    to: [onDay(12, 3, 4, 40), onDay(12, 2, 4, 40), onDay(12, 3, 9, 40)],
    slots: 1,
  },
  {
    title: 'ahead by a year while a window is open, and back to the window of the next day',
    from: onDay(12, 2, 50),
    to: [onDay(12, 3, 4, 40), onDay(12, 12, 0) + 365 * DAYS, onDay(13, 3, 14, 40)],
    slots: 2,
  },
  {
    title: 'back to the evening before while a window is open, and over its start again',
    from: onDay(12, 2, 50),
    to: [onDay(12, 3, 4, 40), onDay(11, 23, 0), onDay(12, 3, 19, 40)],
    slots: 1,
  },
]

/** The service's clock is set while it runs; whatever it shows, each slot comes once at most and each file once. */
export const CLOCK_POINTS: readonly Point[] = JUMPS.map(({ title, from, to: [over, away, again], slots: taken }) => ({
  title: `the clock jumps ${title}`,
  async run(world) {
    const clock = new Clock(world)
    await clock.set(from)
    await world.restart({ CLOCK_FILE: clock.file })
    const schedule = { ...forEachWindow(false), overnight: true }
    const files = rosterFiles()
    const subject = await newSubject(world, files, { settings: { schedule }, upload: false })
    const [first, second, third] = files
    if (!first || !second || !third) throw new Error('there are three files')
    const upload = await ftpClient(world, subject.team)
    const arrives = async (file: typeof first) => {
      if (!(await upload(file))) throw new Error('an upload was refused')
    }
    await world.tellSchedule()
    await until('the slot of the window', async () => (await slots(world, subject)).length > 0)
    await arrives(first)
    // Nobody presses anything: a start that was jumped over is found by the look that comes every five minutes.
    await clock.set(over)
    await until('the run of the window that was jumped into', () => imported(world, subject, 1))
    await clock.set(away)
    await world.tellSchedule()
    await clock.set(again)
    await world.tellSchedule()
    await arrives(second)
    await until('the run of the file that came later', () => imported(world, subject, 2))
    await arrives(third)
    await until('the run of the last file', () => imported(world, subject, 3))
    const wrong: string[] = []
    const all = await slots(world, subject)
    const done = all.filter(({ run }) => run)
    if (done.length !== taken) wrong.push(`runs in ${done.map(({ slot }) => slot).join()}`)
    subject.uploads.push(...(await readyUploads(world, subject)))
    for (const state of statesAfter(files)) subject.states.add(state)
    wrong.push(...(await settle(world, subject)))
    await world.restart()
    return wrong
  },
}))

class Clock {
  readonly file: string
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.file = join(world.folder, 'clock')
  }

  async set(to: number): Promise<void> {
    const shift = to - Date.now()
    await writeFile(this.file, String(shift))
    const { service } = this.#world
    if (!service.said.some((line) => line.startsWith('the clock is'))) return
    service.signal('SIGUSR2')
    await until('the new time', () => service.said.includes(`the clock is ${shift}`))
  }
}

async function imported(world: World, { team }: Subject, files: number): Promise<boolean> {
  const { rows } = await world.direct.pool.query(
    `select 1 from batch where team_id = $1 and state in ('imported', 'imported_with_errors')`,
    [team.id],
  )
  return rows.length >= files
}

async function slots(world: World, { team }: Subject): Promise<{ slot: string; run: boolean }[]> {
  const { rows } = await world.direct.pool.query(
    `select window_name || ' ' || local_date as slot,
      exists (select from run where team_id = slot.team_id and run.window_name = slot.window_name
        and run.window_date = slot.local_date) as run
    from slot where team_id = $1`,
    [team.id],
  )
  return rows
}

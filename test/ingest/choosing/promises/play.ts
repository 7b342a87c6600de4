import fc from 'fast-check'
import { fatesOf } from '../../../../ingest/choosing/describe-files.ts'
import { type Fate, fateOfArrival } from '../../../../ingest/choosing/fate.ts'
import { waitsForTurn } from '../../../../ingest/choosing/fate-uses.ts'
import { waitingFigures } from '../../../../ingest/choosing/waiting.ts'
import { Outlooks } from '../../../../ingest/schedule/outlooks.ts'
import { nextSlot } from '../../../../ingest/schedule/windows.ts'
import { forEachWindow, localDate } from '../../../../model/daily-windows.ts'
import { UNSAVED_SETTINGS } from '../../../../model/import-settings.ts'
import type { Pause } from '../../../../model/pauses.ts'
import { nameOf, teamPath } from '../../../../model/team-path.ts'
import type { Database } from '../../../../store/postgres/database.ts'
import { teamById } from '../../../../store/teams.ts'
import { presentUploads } from '../../../../store/uploads/find-uploads.ts'
import { waitingUploads } from '../../../../store/uploads/waiting-uploads.ts'
import { settingsOf } from '../../../support/reading.ts'
import { judge, LONGEST_PROMISE, type Promised } from './judge.ts'
import { HOUR, MINUTE, SECOND, World } from './world.ts'

const PATHS = [
  ...['/imports/Student_a.csv', '/imports/Student_bb.csv', '/imports/Student_c.csv'],
  ...['/imports/student_a.csv', '/imports/Staff.csv', '/imports/Student_a.csv.part'],
  ...['/Student_a.csv', '/other/Student_a.csv', '/other/Staff.csv'],
]
const EVERY_WINDOW = forEachWindow(true)
const ZONES = ['America/New_York', 'America/Los_Angeles', 'Europe/Athens', 'Australia/Lord_Howe', 'Asia/Kolkata']

const onOff = fc.record({
  overnight: fc.boolean(),
  morning: fc.boolean(),
  afternoon: fc.boolean(),
  evening: fc.boolean(),
})
/** Seconds at the edges of windows, minutes within one, hours from one to another. */
const wait = fc.oneof(
  fc.integer({ min: 1, max: 120 }).map((seconds) => seconds / 60),
  fc.integer({ min: 1, max: 150 }),
  fc.integer({ min: 150, max: 1800 }),
)
/** Days from the one on which it is entered. */
const pause = fc.record({ after: fc.nat(2), days: fc.nat(2) })
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('upload' as const),
      path: fc.oneof(fc.constantFrom(...PATHS.slice(0, 3)), fc.constantFrom(...PATHS)),
      ending: fc.constantFrom(
        'imported' as const,
        'imported' as const,
        'rejected' as const,
        'held' as const,
        'failed' as const,
      ),
      seconds: fc.nat(10),
      cut: fc.nat(9).map((roll) => roll === 0),
    }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: wait }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('to window' as const), minutes: fc.integer({ min: -2, max: 121 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), pauses: fc.array(pause, { maxLength: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('switch' as const), schedule: onOff }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('choose' as const),
      all: fc.boolean(),
      prefix: fc.constantFrom('Student', 'Student_a', 'St', ''),
      other: fc.boolean(),
      mapped: fc.nat(4).map((roll) => roll > 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), zone: fc.constantFrom(...ZONES) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('run' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), path: fc.constantFrom(...PATHS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('slow' as const), minutes: fc.constantFrom(0, 1, 7, 40, 130) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('away' as const), minutes: wait }) },
)
export const plot = fc.record({
  zone: fc.constantFrom(...ZONES),
  schedule: onOff,
  pauses: fc.array(pause, { maxLength: 2 }),
  all: fc.boolean(),
  /** Where several teams share the service, their starts are spread. */
  alone: fc.boolean(),
  /** Minutes of a year, its changes of clocks included. */
  begins: fc.integer({ min: 0, max: 525_600 }),
  steps: fc.array(fc.tuple(step, fc.boolean()), { minLength: 3, maxLength: 12 }),
})
export type Plot = typeof plot extends fc.Arbitrary<infer P> ? P : never
type Step = Plot['steps'][number][0]

export interface Tally {
  kept: number
  excused: number
  kinds: Map<string, number>
}

/** Plays a plot with a team of its own; rejects where a promise is broken, or where pages count differently. */
export async function play(
  db: Database,
  { zone, schedule, pauses, all, alone, begins, steps }: Plot,
  tally: Tally,
): Promise<void> {
  const ids = await addTeams(db, zone, alone ? 1 : 2)
  const [id] = ids as [number]
  try {
    const team = await teamById(db, id)
    if (!team) throw new Error('the team was made just now')
    const start = new Date(Date.UTC(2026, 0, 1) + begins * MINUTE)
    const world = new World(db, team, (windows) => new Outlooks((teamId) => windows.offsetOf(teamId)), start)
    const file = { namePrefix: 'Student', select: all ? ('all_matching' as const) : ('most_recent' as const) }
    await world.save({
      ...settingsOf({ file }),
      version: 0,
      schedule,
      pauses: pauses.map((pause) => pauseFrom(pause, world)),
    })
    await world.schedule.lookAtAll()
    const player = new Player(world)
    for (const [each, asked] of steps) {
      // No two things happen in the same moment.
      await world.advance(1)
      await player.play(each)
      if (asked) await player.ask()
    }
    const end = world.now.getTime() + LONGEST_PROMISE
    while (player.waits() && world.now.getTime() < end) await world.advance(6 * HOUR)
    // A run that has just begun chooses its files.
    await world.advance(3 * SECOND)
    player.judgeAll(tally)
  } finally {
    await db.deleteFrom('team').where('id', 'in', ids).execute()
  }
}

function pauseFrom({ after, days }: Plot['pauses'][number], { now, team }: World): Pause {
  const day = (more: number) => localDate(new Date(now.getTime() + more * 24 * HOUR), team.timeZone)
  return { from: day(after), to: day(after + days), why: '' }
}

let teams = 0

async function addTeams(db: Database, zone: string, many: number): Promise<number[]> {
  const values = Array.from({ length: many }, () => ({
    team: `promised-${++teams}`,
    name: 'Admissions',
    time_zone: zone,
  }))
  return (await db.insertInto('team').values(values).returning('id').execute()).map(({ id }) => id)
}

class Player {
  readonly #world: World
  readonly #promises: Promised[] = []

  constructor(world: World) {
    this.#world = world
  }

  async play(step: Step): Promise<void> {
    const world = this.#world
    switch (step.do) {
      case 'upload': {
        const path = teamPath(step.path)
        const told = await this.#reply(step.path)
        const [at, before] = [world.now.getTime(), world.attempts.length]
        const uploadId = await world.upload(path, step.ending, step)
        if (!step.cut) this.#promise(at, uploadId, told.fate, told.mostRecent, [], before)
        return
      }
      case 'wait':
        return world.advance(step.minutes * MINUTE)
      case 'to window': {
        const next = nextSlot(EVERY_WINDOW, world.team.timeZone, world.now)
        const until = (next?.opensAt.getTime() ?? 0) + step.minutes * MINUTE
        return world.advance(Math.max(0, until - world.now.getTime()))
      }
      case 'switch':
        return world.save({ ...(await world.settings()), schedule: step.schedule })
      case 'pause': {
        const pauses = step.pauses.map((pause) => pauseFrom(pause, world))
        return world.save({ ...(await world.settings()), pauses })
      }
      case 'choose': {
        const settings = await world.settings()
        const select = step.all ? 'all_matching' : 'most_recent'
        const path = teamPath(step.other ? '/other' : '/imports')
        const fields = step.mapped ? settingsOf().fields : UNSAVED_SETTINGS.fields
        return world.save({ ...settings, fields, file: { ...settings.file, select, path, namePrefix: step.prefix } })
      }
      case 'move':
        return world.moveTo(step.zone)
      case 'run':
        return world.runImport()
      case 'remove':
        return world.remove(teamPath(step.path))
      case 'slow':
        return world.runsTake(step.minutes)
      case 'away':
        return world.absence(step.minutes * MINUTE)
    }
  }

  /** The 226. */
  async #reply(path: string) {
    const { db, team, outlooks, now } = this.#world
    const settings = await this.#world.settings()
    const outlook = await outlooks.of(db, team, settings, now)
    const fate = fateOfArrival(teamPath(path), settings, outlook, now)
    return { fate, mostRecent: settings.file.select === 'most_recent' }
  }

  /** The pages: what they say of each file, and how many they count. */
  async ask(): Promise<void> {
    const { db, team, outlooks, now } = this.#world
    const settings = await this.#world.settings()
    const mostRecent = settings.file.select === 'most_recent'
    const uploads = await presentUploads(db, team.id)
    const rivals = [...uploads, ...(await waitingUploads(db, [team.id]))]
    const files = uploads.map((upload) => ({ path: upload.path, bytes: upload.bytes, upload }))
    let waiting = 0
    for (const { file, fate } of await fatesOf({ db, outlooks, now }, team, files)) {
      if (waitsForTurn(fate)) waiting++
      const newer = fate.kind === 'newer_first' ? fate.newer : null
      const named = rivals.filter(({ path }) => nameOf(path) === newer).map(({ id }) => id)
      this.#promise(now.getTime(), file.upload.id, fate, mostRecent, named)
    }
    const counted = (await waitingFigures(db, new Map([[team.id, settings]]))).get(team.id)?.files ?? 0
    if (counted !== waiting) throw new Error(`one page counts ${counted} waiting files, another ${waiting}`)
  }

  /** An upload that no run has tried since it was told of a window or of a run. */
  waits(): boolean {
    const { attempts, turnabouts } = this.#world
    const settled = ({ uploadId, before }: Promised) =>
      attempts.slice(before).some((made) => made.uploadId === uploadId) ||
      turnabouts.some(({ kind, uploadId: gone }) => kind === 'removed' && gone === uploadId)
    const isDue = ({ fate }: Promised) => 'window' in fate || fate.kind === 'run_begun'
    return this.#promises.some((promised) => isDue(promised) && !settled(promised))
  }

  judgeAll(tally: Tally): void {
    for (const promised of this.#promises) {
      const verdict = judge(promised, this.#world)
      if ('broken' in verdict)
        throw new Error(
          `at ${new Date(promised.at).toISOString()} upload ${promised.uploadId} was told ${JSON.stringify(promised.fate)}; ${verdict.broken}`,
        )
      tally[verdict.kept ? 'kept' : 'excused']++
      const kind = `${promised.fate.kind} ${verdict.kept ? 'kept' : verdict.because}`
      tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1)
    }
  }

  #promise(
    at: number,
    uploadId: string,
    fate: Fate,
    mostRecent: boolean,
    newer: string[],
    before = this.#world.attempts.length,
  ): void {
    this.#promises.push({ at, uploadId, fate, mostRecent, newer, before })
  }
}

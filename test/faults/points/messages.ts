import { violations } from '../invariants.ts'
import { disturbed, type Point, settle, until, upTo } from '../point.ts'
import { isOver, quiet } from '../quiet.ts'
import { Random } from '../random.ts'
import { newerFirstFile, rosterFiles, statesAfter } from '../roster.ts'
import { newSubject, type Subject } from '../subject.ts'
import { ftpClient, putInPlace, uploadAll } from '../uploads.ts'
import type { World } from '../world.ts'

export const HOWS = ['cut', 'lost_reply', 'kill', 'kill_after'] as const
type How = (typeof HOWS)[number]

const before = (how: How) => how === 'cut' || how === 'kill'
const deadly = (how: How) => how === 'kill' || how === 'kill_after'

/** How many messages an undisturbed run of three files sends. */
export async function countMessages(world: World): Promise<number> {
  const subject = await newSubject(world, rosterFiles())
  world.proxy.arm(null)
  await world.press(subject.team)
  await quiet(world, subject)
  const { seen } = world.proxy
  const wrong = await violations(world, subject)
  if (wrong.length > 0) throw new Error(`without any fault: ${wrong.join('; ')}`)
  return seen
}

/** At every message of the run the connection is cut or the service is killed, before or after PostgreSQL has acted. */
export function messagePoints(messages: number): Point[] {
  return upTo(messages).flatMap((at) =>
    HOWS.map((how) => ({
      title: `PostgreSQL message ${at}: ${how}`,
      async run(world: World) {
        const subject = await newSubject(world, rosterFiles())
        await strike(world, subject, at, how)
        return settle(world, subject)
      },
    })),
  )
}

/** Disturbs what is pressed, a run where nothing else is said. */
export async function strike(
  world: World,
  subject: Subject,
  at: number,
  how: How,
  press?: () => Promise<unknown>,
): Promise<void> {
  const { service } = world
  const act = () => deadly(how) && service.signal('SIGKILL')
  await disturbed(world, subject, { at, how: before(how) ? 'before' : 'after', act }, press)
  // The answer that is lost may take a while to come.
  if (!world.wasMissed && deadly(how)) await service.gone()
}

/** The same at every message of three uploads over FTPS, logins included. */
export function uploadMessagePoints(messages: number): Point[] {
  return upTo(messages).flatMap((at) =>
    HOWS.map((how) => ({
      title: `PostgreSQL message ${at} of the uploads: ${how}`,
      async run(world: World) {
        const files = rosterFiles()
        const subject = await newSubject(world, files, { upload: false })
        const upload = await ftpClient(world, subject.team)
        const { service } = world
        const act = () => deadly(how) && service.signal('SIGKILL')
        world.proxy.arm({ at, how: before(how) ? 'before' : 'after', act })
        const replaced = await uploadAll(world, subject, upload)
        if (world.proxy.armed) world.missed()
        world.proxy.arm(null)
        await world.press(subject.team)
        return settle(world, subject, { replaced })
      },
    })),
  )
}

/** PostgreSQL is restarted at a message of the run. */
export function restartPoints(messages: number): Point[] {
  return upTo(Math.floor(messages / 6)).flatMap((step) =>
    (['SIGINT', 'SIGQUIT'] as const).map((how) => ({
      title: `PostgreSQL restarted (${how === 'SIGINT' ? 'fast' : 'immediate'}) at message ${step * 6 - 3}`,
      async run(world: World) {
        const subject = await newSubject(world, rosterFiles())
        let restarted: Promise<void> = Promise.resolve()
        const act = () => {
          restarted = world.restartPostgres(how)
        }
        await disturbed(world, subject, { at: step * 6 - 3, how: 'beside', act })
        await restarted
        const wrong = await settle(world, subject)
        if (!world.service.alive) wrong.push('the service ended')
        return wrong
      },
    })),
  )
}

/** A newer version of the first file is received at a message of the run: between discovery, reading, commit and archive. */
export function replacePoints(messages: number): Point[] {
  return upTo(Math.floor(messages / 3)).map((step) => ({
    title: `the first file is replaced at message ${step * 3 - 1}`,
    async run(world) {
      const files = rosterFiles()
      const newer = newerFirstFile()
      const subject = await newSubject(world, files)
      const [, ...rest] = files
      for (const order of [
        [...files, newer],
        [...rest, newer],
      ])
        for (const state of statesAfter(order)) subject.states.add(state)
      subject.end = statesAfter([...files, newer]).at(-1) as string
      let upload: Promise<string> | null = null
      const act = () => {
        upload = putInPlace(world, subject.team, newer)
      }
      await disturbed(world, subject, { at: step * 3 - 1, how: 'beside', act })
      const first = subject.uploads[0] as string
      subject.uploads.push(await (upload ?? putInPlace(world, subject.team, newer)))
      const wrong = await settle(world, subject, { replaced: [first], archived: false })
      const { imports, archive } = await world.filesOf(subject.team)
      if (imports.length > 0) wrong.push(`${imports.join()} still stands in the File Path`)
      if (archive.length < 3) wrong.push(`only ${archive.length} files were kept`)
      return wrong
    },
  }))
}

/** Several faults in one run, as the seed has it. */
export function randomPoints(messages: number, seeds: readonly number[]): Point[] {
  return seeds.map((seed) => ({
    title: `random faults, seed ${seed}`,
    async run(world) {
      const random = new Random(seed)
      const subject = await newSubject(world, rosterFiles())
      const done: string[] = []
      for (let fault = 0; fault < 6; fault++) {
        await world.revive()
        const at = random.upTo(Math.floor(messages / 2))
        const what = random.of([...HOWS, 'restart', 'mail'] as const)
        done.push(`${what} ${at}`)
        if (what === 'mail') {
          const stage = random.of(['connect', 'from', 'to', 'data', 'accepted'] as const)
          world.mail.fault = { stage, how: random.of(['cut', 'defer'] as const), times: 1 }
        } else if (what === 'restart') {
          let restarted: Promise<void> | null = null
          const act = () => {
            restarted = world.restartPostgres(random.of(['SIGINT', 'SIGQUIT'] as const))
          }
          await faultOrEnd(world, subject, () => world.proxy.arm({ at, how: 'beside', act }))
          await restarted
        } else {
          const { service } = world
          const act = () => deadly(what) && service.signal('SIGKILL')
          const arm = () => world.proxy.arm({ at, how: before(what) ? 'before' : 'after', act })
          const came = await faultOrEnd(world, subject, arm)
          if (came && deadly(what)) await service.gone()
        }
      }
      world.say(done.join(', '))
      return settle(world, subject)
    },
  }))
}

async function faultOrEnd(world: World, subject: Subject, arm: () => void): Promise<boolean> {
  arm()
  await world.press(subject.team)
  await until('a fault or the end of the run', async () => !world.proxy.armed || (await isOver(world, subject)))
  const came = !world.proxy.armed
  world.proxy.arm(null)
  return came
}

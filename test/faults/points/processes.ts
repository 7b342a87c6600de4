import { disturbed, type Point, settle, until, upTo } from '../point.ts'
import { isOver } from '../quiet.ts'
import { newerFirstFile, rosterFiles, statesAfter } from '../roster.ts'
import type { ServiceProcess } from '../service-process.ts'
import { newSubject, type Subject } from '../subject.ts'
import { putInPlace } from '../uploads.ts'
import type { World } from '../world.ts'

const LARGE = 4_000

/** A process left behind has to be replaced within this by another, and by itself once it is started again. */
export const BY_ANOTHER_S = 30
const BY_ITSELF_S = 10

/** The importing process dies at a message of its run. */
export function diesPoints(messages: readonly number[]): Point[] {
  return messages.map((at) => ({
    title: `the process that imports dies at message ${at}; another takes over within ${BY_ANOTHER_S} s`,
    async run(world) {
      const other = await bystander(world)
      const subject = await newSubject(world, rosterFiles(LARGE))
      const { service } = world
      await disturbed(world, subject, { at, how: 'before', act: () => service.signal('SIGKILL') })
      if (!world.wasMissed) await service.gone()
      const slow = await takenOver(world, subject, BY_ANOTHER_S, async () => other.signal('SIGCONT'))
      const wrong = await settle(world, subject)
      await other.end()
      return [...slow, ...wrong]
    },
  }))
}

/** The importing process dies at a message of its run, and is started again. */
export function restartedPoints(messages: readonly number[]): Point[] {
  return messages.map((at) => ({
    title: `the only process dies at message ${at}, is started again, and goes on within ${BY_ITSELF_S} s`,
    async run(world) {
      const subject = await newSubject(world, rosterFiles(LARGE))
      const { service } = world
      await disturbed(world, subject, { at, how: 'before', act: () => service.signal('SIGKILL') })
      if (!world.wasMissed) await service.gone()
      const slow = await takenOver(world, subject, BY_ITSELF_S, () => world.revive())
      return [...slow, ...(await settle(world, subject))]
    },
  }))
}

/** The importing process is frozen at a message of its run, and woken up when it has been replaced. */
export function frozenPoints(messages: readonly number[]): Point[] {
  return messages.map((at) => ({
    title: `the process that imports is frozen at message ${at}; another takes over, and what it does when it wakes is void`,
    async run(world) {
      const other = await bystander(world)
      const subject = await newSubject(world, rosterFiles(LARGE))
      const frozen = world.service
      // A press that waits for the frozen process is answered when it wakes.
      const pressed = disturbed(world, subject, { at, how: 'beside', act: () => frozen.signal('SIGSTOP') })
      await Promise.race([pressed, until('the freeze', () => frozen.stopped)])
      return sleepsThrough(world, subject, frozen, other, pressed)
    },
  }))
}

async function sleepsThrough(
  world: World,
  subject: Subject,
  frozen: ServiceProcess,
  other: ServiceProcess,
  pressed: Promise<unknown>,
  meanwhile: () => Promise<void> = async () => {},
  expected: Parameters<typeof settle>[2] = {},
): Promise<string[]> {
  const slow = await takenOver(world, subject, BY_ANOTHER_S, async () => other.signal('SIGCONT'))
  await meanwhile()
  frozen.signal('SIGCONT')
  await pressed
  const replaced = world.said.some((line) => line.startsWith('taken over'))
  if (replaced)
    await until('the word of the process that woke up', () =>
      frozen.said.some((line) => /run interrupted; it will be taken up again|run finished/.test(line)),
    )
  const wrong = await settle(world, subject, expected)
  await other.end()
  if (!frozen.alive) wrong.push('the process that woke up ended')
  return [...slow, ...wrong]
}

/** Calls of the file system that a run of three files makes: reading each, and moving it into the archive. */
const ARCHIVE_CALLS = 45

/** The importing process dies at a call of the file system; another one archives what it left. */
export const ARCHIVE_DEATH_POINTS: readonly Point[] = upTo(ARCHIVE_CALLS).flatMap((at) =>
  (['kill_before', 'kill_after'] as const).map((how) => ({
    title: `one of two processes dies at file system call ${at} of its run: ${how}`,
    async run(world: World) {
      const subject = await newSubject(world, rosterFiles())
      await world.restart({ FAULT_AT: String(at), FAULT_HOW: how, FAULT_TEAM: subject.team.team })
      const other = await bystander(world)
      const faulty = world.service
      await world.press(subject.team)
      await until('the fault or the end of the run', async () => !faulty.alive || (await isOver(world, subject)))
      if (faulty.alive) world.missed()
      const slow = await takenOver(world, subject, BY_ANOTHER_S, async () => other.signal('SIGCONT'))
      const wrong = await settle(world, subject)
      await other.end()
      await world.restart()
      return [...slow, ...wrong]
    },
  })),
)

/** Frozen at a call of the file system; before it wakes, a newer file has arrived under the name of the first. */
export const ARCHIVE_FREEZE_POINTS: readonly Point[] = upTo(ARCHIVE_CALLS).map((at) => ({
  title: `one of two processes is frozen at file system call ${at} of its run, and a newer file arrives`,
  async run(world) {
    const newer = newerFirstFile()
    const files = rosterFiles()
    const subject = await newSubject(world, files)
    for (const state of statesAfter([...files, newer])) subject.states.add(state)
    subject.end = statesAfter([...files, newer]).at(-1) as string
    await world.restart({ FAULT_AT: String(at), FAULT_HOW: 'freeze', FAULT_TEAM: subject.team.team })
    const other = await bystander(world)
    const frozen = world.service
    await world.press(subject.team)
    await until('the freeze or the end of the run', async () => frozen.stopped || (await isOver(world, subject)))
    if (!frozen.stopped) world.missed()
    const meanwhile = async () => {
      await until('the end of the run in other hands', () => isOver(world, subject))
      subject.uploads.push(await putInPlace(world, subject.team, newer))
    }
    const wrong = await sleepsThrough(world, subject, frozen, other, Promise.resolve(), meanwhile, { archived: false })
    const { imports, archive } = await world.filesOf(subject.team)
    if (imports.length > 0) wrong.push(`${imports.join()} still stands in the File Path`)
    if (archive.length !== 4) wrong.push(`${archive.length} files in the archive instead of 4`)
    await world.restart()
    return wrong
  },
}))

/** Another process, halted so that it cannot be the one that takes the run first. */
export async function bystander(world: World): Promise<ServiceProcess> {
  const other = world.newProcess()
  await other.ready()
  other.signal('SIGSTOP')
  await until('the halt', () => other.stopped)
  return other
}

/** Waits until the run, or its undo, is in other hands than those that held it when `wake` was called. */
export async function takenOver(
  world: World,
  { team }: Subject,
  withinS: number,
  wake: () => Promise<void>,
): Promise<string[]> {
  const runInHand = () =>
    world.direct.db
      .selectFrom('run')
      .select('lease_owner')
      .where('team_id', '=', team.id)
      .where((eb) => eb.or([eb('state', 'in', ['queued', 'running']), eb('undoing', 'is not', null)]))
      .executeTakeFirst()
  const first = await runInHand()
  const began = performance.now()
  let checked = began
  // What this process itself was kept from looking says nothing about the service.
  let blind = 0
  await wake()
  // Nothing that could be taken over: the fault came before the run, or after it.
  if (!first?.lease_owner) return []
  await until('a process that takes the run over', async () => {
    const run = await runInHand()
    const now = performance.now()
    blind += Math.max(0, now - checked - 250)
    checked = now
    return run?.lease_owner !== first.lease_owner
  })
  const seconds = (performance.now() - began) / 1000
  world.say(`taken over after ${seconds.toFixed(1)} s`)
  world.takeovers.push({ seconds, withinS })
  return seconds - blind / 1000 > withinS ? [`it was taken over after ${seconds.toFixed(1)} s`] : []
}

export const PRESS_POINTS: readonly Point[] = [1, 2, 3].map((round) => ({
  title: `two processes and 50 presses of Run Import: one run (${round})`,
  async run(world) {
    const other = world.newProcess()
    await other.ready()
    const subject = await newSubject(world, rosterFiles(LARGE))
    const presses = await Promise.all(
      Array.from({ length: 50 }, (_, i) => world.press(subject.team, i % 2 ? other : world.service)),
    )
    const started = new Set(presses.filter(({ status }) => status === 202).map(({ runId }) => runId))
    const refused = presses.filter(({ status }) => status === 409)
    const wrong = await settle(world, subject)
    if (started.size + refused.length !== 50) wrong.push('a press was neither taken nor told of the run that is going')
    if (refused.some(({ runId }) => !started.has(runId))) wrong.push('a press was told of a run that nobody started')
    const { rows } = await world.direct.pool.query(
      `select 1 from run a join run b on a.team_id = b.team_id and a.id < b.id
        and a.created_at < b.finished_at and b.created_at < a.finished_at where a.team_id = $1`,
      [subject.team.id],
    )
    if (rows.length > 0) wrong.push('two runs of the team went at once')
    await other.end()
    return wrong
  },
}))

import { setTimeout as sleep } from 'node:timers/promises'
import { type Expectation, violations } from './invariants.ts'
import type { MessageFault } from './postgres-proxy.ts'
import { isOver, quiet } from './quiet.ts'
import type { Subject } from './subject.ts'
import type { World } from './world.ts'

/** One fault at one point. Answers what was wrong afterwards. */
export interface Point {
  title: string
  run(world: World): Promise<string[]>
}

/** Points of one kind, and how many of them the sample takes. */
export interface PointGroup {
  points: readonly Point[]
  sample: number
}

/** The machine does not offer what a point needs. */
export class Impossible extends Error {
  override readonly name = 'Impossible'
}

export const upTo = (most: number) => Array.from({ length: most }, (_, i) => i + 1)

/** Longer than any machine is busy: whoever waits so long waits in vain. */
const IN_VAIN_MS = 600_000

/** Waits for something that has to come. */
export async function until(what: string, come: () => boolean | Promise<boolean>, ms = IN_VAIN_MS): Promise<void> {
  const end = performance.now() + ms
  while (!(await come())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`)
    await sleep(20)
  }
}

/** Presses with the fault set, and waits until it has come or what was pressed is over without it. */
export async function disturbed(
  world: World,
  subject: Subject,
  fault: MessageFault,
  press: () => Promise<unknown> = () => world.press(subject.team),
): Promise<void> {
  world.proxy.arm(fault)
  await press()
  await until('the fault or the end of the run', async () => !world.proxy.armed || (await isOver(world, subject)))
  if (world.proxy.armed) world.missed()
  world.proxy.arm(null)
}

/** Presses until everything that was uploaded has been dealt with, as a person who sees no run does. */
export async function settle(world: World, subject: Subject, expected: Expectation = {}): Promise<string[]> {
  await world.revive()
  await quiet(world, subject)
  for (let press = 0; press < 5 && (await left(world, subject, expected)); press++) {
    await world.press(subject.team)
    await quiet(world, subject)
  }
  return violations(world, subject, expected)
}

async function left(world: World, { uploads }: Subject, { replaced = [] }: Expectation): Promise<boolean> {
  const open = uploads.filter((id) => !replaced.includes(id))
  const { rows } = await world.direct.pool.query(
    `select 1 from upload where id = any($1) and not exists (
      select from batch where upload_id = upload.id and state in ('imported', 'imported_with_errors'))`,
    [open],
  )
  return rows.length > 0
}

export async function runEnded(world: World, { team }: Subject): Promise<void> {
  await until('the end of the run', async () => {
    const { rows } = await world.direct.pool.query(
      `select 1 from run where team_id = $1 and state in ('queued', 'running')`,
      [team.id],
    )
    return rows.length === 0
  })
}

export async function batchesOf(world: World, { team }: Subject) {
  return world.direct.db
    .selectFrom('batch')
    .select(['state', 'warnings', 'problem', 'file_name'])
    .where('team_id', '=', team.id)
    .execute()
}

import {
  countMessages,
  filePoint,
  MAIL_POINTS,
  MESSAGE_HOWS,
  messagePoint,
  type Point,
  PRESS_POINTS,
  PROCESS_POINTS,
  replacePoint,
  restartPoint,
} from './points.ts'
import { World } from './world.ts'

const full = process.argv.includes('--full')
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length)
/** Points that would begin later than this many seconds after the start are left out, and counted. */
const within = Number(process.argv.find((argument) => argument.startsWith('--within='))?.slice('--within='.length))

/** Every n-th of many, evenly spread. */
function spread<T>(all: readonly T[], wanted: number): T[] {
  if (full || all.length <= wanted) return [...all]
  return Array.from({ length: wanted }, (_, i) => all[Math.floor((i * all.length) / wanted)] as T)
}

const upTo = (most: number) => Array.from({ length: most }, (_, i) => i + 1)

/** How many calls of the file system the way of three files takes, and a few more. */
const FILE_CALLS = 75

const world = new World()
await world.open()
let passed = 0
let notReached = 0
const failed: string[] = []
try {
  const messages = await countMessages(world)
  process.stdout.write(`A run of three files sends ${messages} messages to PostgreSQL.\n`)
  const points: Point[] = [
    ...PROCESS_POINTS,
    ...spread(
      upTo(messages).flatMap((at) => MESSAGE_HOWS.map((how) => ({ at, how }))),
      // A number that has no factor in common with the four ways, so that each is taken.
      33,
    ).map(({ at, how }) => messagePoint(at, how)),
    ...spread(
      upTo(FILE_CALLS).flatMap((at) => (['kill_before', 'kill_after'] as const).map((how) => ({ at, how }))),
      13,
    ).map(({ at, how }) => filePoint(at, how)),
    ...MAIL_POINTS.filter((_, i) => full || i % 2 === 0),
    ...spread(upTo(Math.floor(messages / 6)), 3).flatMap((step) =>
      (['SIGINT', 'SIGQUIT'] as const).map((how) => restartPoint(step * 6 - 3, how)),
    ),
    ...spread(upTo(Math.floor(messages / 3)), 8).map((step) => replacePoint(step * 3 - 1)),
    ...PRESS_POINTS,
  ]
  for (const point of points.filter(({ title }) => !only || title.includes(only))) {
    if (performance.now() > within * 1000) {
      notReached++
      continue
    }
    const begun = performance.now()
    let wrong: string[]
    try {
      wrong = await point.run(world)
    } catch (error) {
      wrong = [(error as Error).stack ?? String(error)]
      await world.service.end('SIGKILL')
      world.proxy.arm(null)
      await world.revive()
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    if (wrong.length === 0) passed++
    else failed.push(point.title)
    process.stdout.write(`${wrong.length === 0 ? 'ok  ' : 'FAIL'} ${seconds} s  ${point.title}\n`)
    for (const what of wrong) process.stdout.write(`       ${what}\n`)
  }
} finally {
  await world.close()
}
for (const title of failed) process.stdout.write(`failed: ${title}\n`)
if (notReached > 0) process.stdout.write(`${notReached} points were not reached in time.\n`)
process.stdout.write(`${passed} passed, ${failed.length} failed\n`)
process.exitCode = failed.length === 0 ? 0 : 1

import { parseArgs } from 'node:util'
import { type Outcome, runPoints } from './lanes.ts'
import { plan } from './plan.ts'
import { countMessages } from './points/messages.ts'
import { World } from './world.ts'

/** At least 400 of them meet their fault, and end within 40 minutes on two cores. */
const FULL = 560

const { values } = parseArgs({
  options: {
    /** As many points of each kind as fit, instead of the sample. */
    full: { type: 'boolean', default: false },
    /** How many points of all, or `all`. */
    points: { type: 'string' },
    /** Those whose title contains this, or one of these. */
    only: { type: 'string', multiple: true },
    /** Not those whose title contains this, or one of these. */
    without: { type: 'string', multiple: true, default: [] },
    /** Points that would begin later than this many seconds after the start are left out, and counted. */
    within: { type: 'string', default: 'Infinity' },
    /** How many points are worked on at once. */
    lanes: { type: 'string', default: '3' },
    /** Which points are taken of the many, and what the random ones do. */
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const how = values.points === 'all' ? 'all' : Number(values.points ?? (values.full ? FULL : 0)) || 'sample'

const say = (line: string) => process.stdout.write(`${line}\n`)
const SHOWN = { passed: 'ok  ', failed: 'FAIL', 'no fault': 'none', skipped: 'skip' } as const
const totals = { passed: 0, failed: 0, 'no fault': 0, skipped: 0 }
const failed: string[] = []

const messages = await measure()
const { without } = values
const points = plan({ messages, seed, how, only: values.only ?? null }).filter(
  ({ title }) => !without.some((part) => title.includes(part)),
)
say(`A run of three files sends ${messages} messages to PostgreSQL. ${points.length} points, seed ${seed}.`)
// What has begun is ended, so that no server and no small disk is left behind.
const stop = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
const { notReached, takeovers } = await runPoints(points, {
  lanes: Number(values.lanes),
  within: Number(values.within),
  signal: stop.signal,
  told,
})
const took = (withinS: number) => takeovers.filter((one) => one.withinS === withinS).map(({ seconds }) => seconds)
for (const [who, times] of [
  ['another process', took(30)],
  ['the same one, started again', took(10)],
] as const)
  if (times.length > 0)
    say(`Taken over by ${who} ${times.length} times, after ${Math.max(...times).toFixed(1)} s at most.`)
for (const title of failed) say(`failed: ${title}`)
if (notReached > 0) say(`${notReached} points were not reached in time.`)
if (totals['no fault'] > 0) say(`${totals['no fault']} points ended before their fault came.`)
if (totals.skipped > 0) say(`${totals.skipped} points were skipped.`)
say(`${Math.round(performance.now() / 1000)} s, seed ${seed}: ${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 ? 0 : 1

function told({ point, result, seconds, wrong, said }: Outcome): void {
  totals[result]++
  if (result === 'failed') failed.push(point.title)
  const done = Object.values(totals).reduce((sum, count) => sum + count)
  say(`${SHOWN[result]} ${String(done).padStart(3)}/${points.length} ${seconds.toFixed(1)} s  ${point.title}`)
  for (const line of [...wrong, ...said]) say(`       ${line}`)
}

async function measure(): Promise<number> {
  const world = new World()
  await world.open()
  try {
    return await countMessages(world)
  } finally {
    await world.close()
  }
}

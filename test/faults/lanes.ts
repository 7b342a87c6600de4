import { Impossible, type Point } from './point.ts'
import { World } from './world.ts'

export interface Outcome {
  point: Point
  result: 'passed' | 'failed' | 'no fault' | 'skipped'
  seconds: number
  /** What was wrong, and what the point had to tell. */
  wrong: string[]
  said: string[]
}

/** Works the points off in several worlds at once; `told` hears of each as it ends. */
export async function runPoints(
  points: readonly Point[],
  { lanes, within, told }: { lanes: number; within: number; told: (outcome: Outcome) => void },
): Promise<{ notReached: number; takeovers: World['takeovers'] }> {
  const queue = [...points]
  const takeovers: World['takeovers'] = []
  const lane = async () => {
    let world = await newWorld()
    try {
      for (;;) {
        if (performance.now() > within * 1000) return
        const point = queue.shift()
        if (!point) return
        const outcome = await runPoint(world, point)
        takeovers.push(...world.takeovers.splice(0))
        told(outcome)
        if (outcome.result !== 'failed') continue
        // Whatever went wrong must not speak against the next point.
        await world.close().catch(() => {})
        world = await newWorld()
      }
    } finally {
      await world.close().catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: Math.min(lanes, points.length) }, lane))
  return { notReached: queue.length, takeovers }
}

async function newWorld(): Promise<World> {
  const world = new World()
  await world.open()
  return world
}

async function runPoint(world: World, point: Point): Promise<Outcome> {
  const begun = performance.now()
  const outcome = (result: Outcome['result'], wrong: string[]): Outcome => ({
    point,
    result,
    wrong,
    said: [...world.said, ...(wrong.length > 0 ? world.service.said.slice(-15) : [])],
    seconds: (performance.now() - begun) / 1000,
  })
  try {
    await world.reset()
    const wrong = await point.run(world)
    if (wrong.length > 0) return outcome('failed', wrong)
    return outcome(world.wasMissed ? 'no fault' : 'passed', [])
  } catch (error) {
    if (error instanceof Impossible) return outcome('skipped', [error.message])
    return outcome('failed', [(error as Error).stack ?? String(error)])
  }
}

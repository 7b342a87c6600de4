import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What this process holds after everything that can go is gone, in MiB. */
export function memory(): { heap: number; rss: number } {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const inMiB = (bytes: number) => Math.round(bytes / (1 << 20))
  return { heap: inMiB(heapUsed + external), rss: inMiB(rss) }
}

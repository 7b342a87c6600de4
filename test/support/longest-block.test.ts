import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LongestBlock } from './longest-block.ts'

/** Takes the thread for so many milliseconds of the processor. */
function work(milliseconds: number): void {
  const from = process.threadCpuUsage()
  for (;;) {
    const { user, system } = process.threadCpuUsage(from)
    if (user + system >= milliseconds * 1_000) return
  }
}

test('work in one piece counts as a whole, work in pieces by its largest, and waiting not at all', async () => {
  const blocks = new LongestBlock()
  expect(await blocks.once(async () => work(120))).toBeGreaterThanOrEqual(110)
  const pieces = async () => {
    for (let piece = 0; piece < 6; piece++) {
      work(20)
      await sleep(3)
    }
  }
  expect(await blocks.once(pieces)).toBeLessThan(100)
  expect(await blocks.once(() => sleep(200))).toBeLessThan(100)
})

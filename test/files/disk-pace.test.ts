import { expect, test } from 'vitest'
import { DiskPace } from '../../files/disk-pace.ts'

test('a disk is asked at once until it has kept the process waiting, and again ten seconds later', async () => {
  let time = 0
  let takes = 1
  const pace = new DiskPace(() => time)
  const asked = () =>
    pace.run(
      () => {
        time += takes
        return 'at once'
      },
      async () => 'elsewhere',
    )
  expect(await asked()).toBe('at once')
  takes = 30
  expect(await asked()).toBe('at once')
  takes = 1
  expect(await asked()).toBe('elsewhere')
  time += 9_999
  expect(await asked()).toBe('elsewhere')
  time += 1
  expect(await asked()).toBe('at once')
  expect(await asked()).toBe('at once')
})

test('also a refusal that came late tells that the disk is slow', async () => {
  let time = 0
  const pace = new DiskPace(() => time)
  const refuse = () => {
    time += 30
    throw new Error('refused')
  }
  await expect(pace.run(refuse, async () => 'elsewhere')).rejects.toThrow('refused')
  expect(await pace.run(refuse, async () => 'elsewhere')).toBe('elsewhere')
})

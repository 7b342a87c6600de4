import { expect, onTestFinished, test, vi } from 'vitest'
import type { FileArea } from '../../files/file-area.ts'
import { QuotaProblem, StorageGuard } from '../../files/storage-guard.ts'
import { Pace } from '../../model/limits/pace.ts'
import type { Team } from '../../model/team.ts'
import { teamPath } from '../../model/team-path.ts'

for (const { took, again } of [
  { took: 1, again: 1_000 },
  { took: 500, again: 10_000 },
  { took: 30_000, again: 60_000 },
])
  test(`files past a quota whose count took ${took} ms are counted again after ${again} ms, not with each try`, async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    onTestFinished(() => void vi.useRealTimers())
    let counted = 0
    const area = {
      space: async () => ({ freeBytes: 100, totalBytes: 100 }),
      usage: async () => {
        counted += 1
        vi.advanceTimersByTime(took)
        return { bytes: 0, files: 5, folders: 5 }
      },
    } as unknown as FileArea
    const guard = new StorageGuard()
    const make = () => guard.makeFolder({ id: 1, quotaFiles: 10 } as Team, area, teamPath('/a'))
    for (let n = 0; n < 50; n++) await expect(make()).rejects.toThrow(QuotaProblem)
    expect(counted).toBe(1)
    vi.advanceTimersByTime(again - 1)
    await expect(make()).rejects.toThrow(QuotaProblem)
    expect(counted).toBe(1)
    vi.advanceTimersByTime(1)
    await expect(make()).rejects.toThrow(QuotaProblem)
    expect(counted).toBe(2)
  })

test('folders of one team past the first 200 wait for their turn, those of another do not', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const turns = vi.spyOn(Pace.prototype, 'take')
  onTestFinished(() => turns.mockRestore())
  const area = {
    space: async () => ({ freeBytes: 100, totalBytes: 100 }),
    usage: async () => ({ bytes: 0, files: 0, folders: 0 }),
    makeFolder: async () => {},
  } as unknown as FileArea
  const guard = new StorageGuard()
  const make = (id: number) => guard.makeFolder({ id, quotaFiles: 1_000 } as Team, area, teamPath('/a'))
  for (let n = 0; n < 200; n++) await make(1)
  void make(1)
  await make(2)
  expect(turns.mock.results.slice(199).map(({ value }) => value)).toEqual([0, 100, 0])
})

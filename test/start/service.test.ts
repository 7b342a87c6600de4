import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../log.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import { queueRun } from '../../store/runs/runs.ts'
import { teamBySlug } from '../../store/teams.ts'
import { testService } from '../support/service.ts'

const lines: string[] = []
const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line).msg) })
const env: NodeJS.ProcessEnv = {}
const service = testService(env, log)

const FILE = 'ID,First,Last,Cell,OptOut,Major\n1,Ann,Lee,716-555-0101,N,Biology\n'
const IN_THE_WINDOW = new Date('2026-11-23T08:30:00Z')
const NO_WINDOWS = forEachWindow(false)

async function takenPort(): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const address = other.address()
  return String(typeof address === 'object' && address ? address.port : 0)
}

test('a start that fails at a taken port begins no import; the next one takes up all that waits', async () => {
  const { db } = service.database
  const inWindow = await service.makeTeam('admissions')
  await inWindow.upload('/cadence/imports/StudentData.csv', FILE)
  const onDemand = await service.makeTeam('registrar', { schedule: NO_WINDOWS })
  await onDemand.upload('/cadence/imports/StudentData.csv', FILE)
  await service.stop()
  const team = await teamBySlug(db, 'registrar')
  await queueRun(db, team?.id ?? 0, { trigger: 'on_demand', requestedBy: 'test', slot: null, files: null })
  service.clock.now = IN_THE_WINDOW
  const runs = () => db.selectFrom('run').select(['trigger', 'state']).orderBy('trigger').execute()

  for (const variable of ['FTPS_PORT', 'HTTP_PORT']) {
    lines.length = 0
    env[variable] = await takenPort()
    await expect(service.start()).rejects.toThrow(`${variable}: port`)
    delete env[variable]
    expect(lines).not.toContain('run started')
    expect(await runs()).toEqual([{ trigger: 'on_demand', state: 'queued' }])
  }

  await service.start()
  await expect.poll(runs, { timeout: 20_000 }).toEqual([
    { trigger: 'on_demand', state: 'imported' },
    { trigger: 'scheduled', state: 'imported' },
  ])
})

test('a start that fails leaves the certificate that clients trust, whatever names it was to have', async () => {
  const keys = join(service.dataDir, 'keys')
  const contents = async () =>
    Promise.all((await readdir(keys)).map(async (name) => [name, await readFile(join(keys, name), 'utf8')]))
  await service.stop()
  const before = await contents()
  Object.assign(env, { FTP_PUBLIC_HOST: 'ftp.example.edu' })
  for (const variable of ['FTP_PORT', 'FTPS_PORT', 'HTTP_PORT']) {
    env[variable] = await takenPort()
    await expect(service.start()).rejects.toThrow(`${variable}: port`)
    delete env[variable]
    expect(await contents()).toEqual(before)
  }
  await service.start()
  expect(await contents()).not.toEqual(before)
})

for (const variable of ['HTTP_HOST', 'FTP_HOST'])
  test(`an address that this machine does not have is blamed on ${variable}`, async () => {
    await service.stop()
    env[variable] = '192.0.2.99'
    await expect(service.start()).rejects.toThrow(`${variable}: this machine has no address 192.0.2.99.`)
    delete env[variable]
    await service.start()
  })

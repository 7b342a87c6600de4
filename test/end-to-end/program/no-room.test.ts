import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { SmallDisk } from '../../faults/small-disk.ts'
import { whyNoDisks } from '../../support/machine/disks.ts'
import { type TestTeam, testService } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'

const whyNot = await whyNoDisks()
const lines: Record<string, unknown>[] = []
const service = testService({}, createLog('info', { write: (line) => void lines.push(JSON.parse(line)) }))
const FILE = 'ID,First,Last,Cell,OptOut,Major\n1001,Ann,Lee,716-555-0101,N,Biology\n'
const PATH = '/cadence/imports/StudentData.csv'

const ready = async () => {
  const answer = await service.call('GET', '/readyz')
  return { code: answer.status, ...(await anyJson(answer)) }
}
const metrics = async () => (await service.call('GET', '/metrics')).text()
const fileOf = async (team: TestTeam, path: string) =>
  (await anyJson(await service.call('GET', `/api/teams/${team.team}/files`))).items.find(
    (file: { path: string }) => file.path === path,
  )
const refused = (team: TestTeam, path: string, content = FILE) =>
  team.upload(path, content).then(
    () => 'taken',
    (error: Error) => error.message,
  )
const mails = (subject: string) => service.mailbox.mails.filter(({ parsed }) => parsed.subject?.includes(subject))

describe('a disk that is full', () => {
  beforeEach(({ skip }) => skip(whyNot !== null, whyNot ?? undefined))
  let disk: SmallDisk
  let team: TestTeam
  beforeAll(async () => {
    if (whyNot) return
    disk = await SmallDisk.on(join(service.dataDir, 'teams'), { bytes: 40 << 20 })
    team = await service.makeTeam('admissions')
  })
  afterAll(() => (whyNot ? undefined : disk.remove()))

  test('is told by the files, the log, the audit, the metrics, the readiness and one mail, until there is room', async () => {
    expect(await metrics()).toContain('rosterport_uploads_total{source="ftp",state="disk_full"} 0\n')
    await disk.fill(1 << 20)
    for (const path of [PATH, '/cadence/imports/StudentData_b.csv', PATH])
      expect(await refused(team, path)).toMatch(/^452 /)

    await expect
      .poll(() => fileOf(team, PATH))
      .toMatchObject({
        state: 'incomplete',
        reason: expect.stringMatching(/^The disk of the service is full, .* have the file sent again\.$/),
        action: 'send_again',
      })
    const event = { level: 'warn', msg: 'ftp.upload-refused', noRoom: 'disk_full' }
    await expect.poll(() => lines.filter(({ msg }) => msg === 'ftp.upload-refused')).toHaveLength(3)
    const logged = lines.find(({ msg }) => msg === 'ftp.upload-refused')
    expect(logged).toMatchObject(event)
    expect(logged?.freeBytes).toBeLessThan(logged?.keptBytes as number)
    await expect
      .poll(async () => (await anyJson(await service.call('GET', '/api/audit'))).items)
      .toContainEqual(expect.objectContaining({ action: 'ftp.upload-refused', subject: PATH }))
    const figures = await metrics()
    expect(figures).toContain('rosterport_uploads_total{source="ftp",state="disk_full"} 3\n')
    expect(Number(/rosterport_disk_bytes\{part="free"\} (\d+)/.exec(figures)?.[1])).toBeLessThanOrEqual(1 << 20)
    expect(await ready()).toMatchObject({
      code: 200,
      status: 'degraded',
      parts: { files: expect.stringMatching(/^disk full: 1\.\d MB free, 2\.1 MB are kept$/), database: 'ready' },
    })
    await expect.poll(() => mails('Disk full').length).toBe(1)
    expect(mails('Disk full')[0]?.to).toEqual(['admin@localhost'])

    await disk.free()
    expect(await ready()).toMatchObject({ status: 'ready', parts: { files: 'ready' } })
    expect(await refused(team, PATH)).toBe('taken')
    expect(await fileOf(team, PATH)).toMatchObject({ state: 'ready' })
    const told = () => service.database.db.selectFrom('installation').select('disk_full_at').executeTakeFirstOrThrow()
    await expect.poll(told).toEqual({ disk_full_at: null })
    // To the last byte: the disk is looked at only so often.
    await disk.fill()
    expect(await refused(team, PATH)).toMatch(/^452 /)
    await expect.poll(() => mails('Disk full').length).toBe(2)
    await disk.free()
  })

  test('in the middle of an upload is told just so', async () => {
    const path = '/cadence/imports/StudentData_large.csv'
    // The client may see its data connection reset before the reply.
    expect(await refused(team, path, FILE.repeat(700_000))).not.toBe('taken')
    await expect.poll(() => fileOf(team, path)).toMatchObject({ reason: expect.stringMatching(/^The disk of the/) })
  })
})

test('a quota that is used up is told by the files, the log, the metrics and one mail of the team', async () => {
  const team = await service.makeTeam('dining')
  await service.call('PATCH', '/api/teams/dining', { quotaBytes: 10 })
  for (let time = 0; time < 2; time++) expect(await refused(team, PATH)).toMatch(/^552 /)
  await expect
    .poll(() => fileOf(team, PATH))
    .toMatchObject({
      state: 'incomplete',
      reason: expect.stringMatching(
        /^The team's quota is used up, .* raise the quota, then have the file sent again\.$/,
      ),
    })
  await expect.poll(() => mails('quota used up').length).toBe(1)
  expect(await metrics()).toContain('rosterport_uploads_total{source="ftp",state="quota"} 2\n')
  expect(lines.findLast(({ msg }) => msg === 'ftp.upload-refused')).toMatchObject({ level: 'warn', noRoom: 'quota' })
})

test('readiness says in words that the mail server refuses, and names neither people nor machines', async () => {
  await service.mailbox.stop()
  const sent = await service.call('POST', '/api/teams/dining/test-email', {})
  expect([200, 202, 204], await sent.text()).toContain(sent.status)
  await expect
    .poll(async () => (await ready()).parts.mail, { timeout: 10_000 })
    .toBe('mail waits: the mail server refuses connections')
  expect(await ready()).toMatchObject({ code: 200, status: 'degraded' })
})

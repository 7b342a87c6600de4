import { fstatSync } from 'node:fs'
import { open, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { ERROR_CODES, FILE_CODES, WARNING_CODES } from '../../model/codes.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import type { Batch, BatchState } from '../../model/run.ts'
import { SETTINGS, type TestTeam, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

/** Every code there is, brought about by files that are uploaded, imported by a run and told in a recap. */
const service = testService()

const HEADER = 'ID,First,Last,Cell,OptOut,Advisor,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\n')
const latin1 = (text: string) => Buffer.from(text, 'latin1')

interface Found {
  batch: Batch
  recap: string
}
/** By code, the first batch that gave it. */
const found = new Map<string, Found>()

async function teamOf(team: string, settings: Partial<ImportSettingsBody> = {}): Promise<TestTeam> {
  return service.makeTeam(team, {
    file: { ...SETTINGS.file, select: 'all_matching' },
    fields: { ...SETTINGS.fields, staffId: 'Advisor' },
    guardrails: 'warn',
    ...settings,
  })
}

/** Uploads the files, imports them in one run in the order given, and notes what their batches and recaps say. */
async function imported(team: TestTeam, files: (string | Buffer)[], before?: () => Promise<unknown>): Promise<Batch[]> {
  await team.uploadAll(files.map((file, index) => [`/cadence/imports/StudentData_${team.team}_${index}.csv`, file]))
  await before?.()
  const { batches } = await service.runImport(team.team)
  expect(batches).toHaveLength(files.length)
  for (const batch of batches) {
    const { parsed } = await service.mailbox.recapOf(batch.id)
    const errors = await anyJson(await service.call('GET', `/api/batches/${batch.id}/errors?limit=100`))
    const codes: string[] = [
      ...(batch.problem?.code ? [batch.problem.code] : []),
      ...Object.keys(batch.warnings),
      ...errors.items.flatMap((item: { errors: { code: string }[] }) => item.errors.map(({ code }) => code)),
    ]
    for (const code of codes) if (!found.has(code)) found.set(code, { batch, recap: parsed.text ?? '' })
  }
  return batches
}

async function rejectedFiles(): Promise<void> {
  const team = await teamOf('files')
  const unreadable = join(team.root, 'cadence/imports/StudentData_files_7.csv')
  const probe = await open('/dev/null')
  const handles: { read: typeof probe.read } = Object.getPrototypeOf(probe)
  await probe.close()
  const read = handles.read
  const broken = vi.spyOn(handles, 'read')
  const batches = await imported(
    team,
    [
      '\ufeff\n',
      latin1('PK\x03\x04xl/'),
      latin1('ID,Pr\xe9nom,\xc3\xa9\n1,2,3\n'),
      'Students of 2026\n1,Ann\n',
      'ID,First,Last,Telephone\n',
      'ID,First,Last,Cell,Cell\n',
      csv('1,"Ann,Lee\n'.repeat(1_100)),
      csv('1,Ann,Lee,716-555-0101,N,,'),
      'ID,First,Last,Cell\n1,1001,Ann,Lee,\n2,1002,Bo,Lee,\n3,1003,Cy,Lee,\n',
    ],
    async () => {
      const { ino } = await stat(unreadable)
      broken.mockImplementation(async function (this: typeof probe, ...args: unknown[]) {
        if (fstatSync(this.fd).ino === ino)
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
        return Reflect.apply(read, this, args)
      } as typeof read)
    },
  )
  broken.mockRestore()
  expect(batches.map(({ state }) => state)).toEqual(batches.map((): BatchState => 'rejected'))
}

async function rejectedRecords(): Promise<void> {
  const team = await teamOf('records', { sharedMobile: 'reject' })
  const file = csv(
    '1,Zoë,Lee,716-555-0101,N,,',
    '2,,Lee,716-555-0102,N,,',
    '3,Cy,Lee,716-055-0103,N,,',
    '4,Di,Lee,7.16E+09,N,,',
    '5,Ed,Lee,716-555-0105,N,,',
    '6,Flo,Lee,716-555-0105,N,,',
    '7,Gil,Lee,716-555-0107,perhaps,,',
    '8,Hal,Lee,716-555-0108',
    '9,"Ida"x,Lee,716-555-0109,N,,',
    '10,Jo\xff,Lee,716-555-0110,N,,',
    `11,${'x'.repeat(256)},Lee,716-555-0111,N,,`,
    '12,L\0u,Lee,716-555-0112,N,,',
    '9.01235E+11,Mia,Lee,716-555-0113,N,,',
  )
  const bytes = Buffer.from(file.replace('\xff', '\x01'))
  bytes[bytes.indexOf(0x01)] = 0xff
  const [batch] = await imported(team, [bytes])
  expect(batch?.counts).toMatchObject({ records: 13, created: 1, rejected: 12 })
}

async function remarks(): Promise<void> {
  const team = await teamOf('remarks')
  await imported(team, [csv('1,Ann,Lee,716-555-0101,N,,Art', '2,Bo,Lee,716-555-0102,N,,Art')])
  const stop = { optOut: { state: 'opted_out', source: 'contact' } }
  expect((await service.call('PATCH', '/api/teams/remarks/contacts/1', stop)).status).toBe(200)
  const withoutMajor = [
    'ID,First,Last,Cell,OptOut,Advisor',
    '1,Ann,Lee,716-555-0101,N,',
    '2,,Lee,716-555-0102,Y,',
    '3,Cy,Lee,716-555-0103 x12,N,s9',
    '3,Cy,Lee,716-555-0104 x12,N,s9',
    '4,Di,Lee,716-555-0104,N,',
    '6,Eve,Lee,716-555-0101,N,',
    '7,Flo,Lee,555-555-0107,N,',
    '8,Gil,Lee,+6625550101,N,',
    '',
  ].join('\n')
  const withoutOptOut = latin1('ID,First,Last,Cell,Advisor,Major\n5,Ren\xe9e,Lee,716-555-0105,,\n')
  await imported(team, [withoutMajor, withoutOptOut, withoutOptOut, csv()])
}

async function unusualFiles(): Promise<void> {
  const team = await teamOf('unusual')
  const roster = (records: number, exchange: number, major: string) =>
    csv(...Array.from({ length: records }, (_, i) => `${i},Ann,Lee,716${exchange}${1000 + i},N,,${major}`))
  await imported(team, [roster(500, 555, 'Art'), roster(240, 556, '')], async () => {
    // Something else has the name of the archive folder.
    await rmdir(join(team.root, 'cadence/archive'))
    await writeFile(join(team.root, 'cadence/archive'), 'x')
  })
}

beforeAll(async () => {
  await rejectedFiles()
  await rejectedRecords()
  await remarks()
  await unusualFiles()
})

const stateOf: Record<string, BatchState[]> = {
  F: ['rejected'],
  E: ['imported_with_errors'],
  W: ['imported', 'imported_with_errors'],
}
for (const code of [...FILE_CODES, ...ERROR_CODES, ...WARNING_CODES])
  test(`${code} is given by a run and told in the recap of its batch`, () => {
    const { batch, recap } = found.get(code) as Found
    expect(stateOf[code[0] as string]).toContain(batch.state)
    expect(recap).toContain(code)
  })

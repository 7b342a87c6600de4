import { access, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { sendSignal } from '../../store/postgres/signals.ts'
import { wantEmptyWindowResult } from '../../store/written/due-files.ts'
import { SETTINGS, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService({ FTP_TLS: 'optional' })

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const GOOD = '1,Ann,Lee,7165550101,N,Law'
const WRONG = '2,Bo,Ray,none,N,Law'
const FOLDER = '/cadence/imports'
const PATH = `${FOLDER}/StudentData.csv`
const TEXT = 'StudentData.csv.txt'
const RESULTS = { path: '/results' as typeof SETTINGS.file.path, rejectedRecords: true }

async function sender(name: string, settings: Partial<typeof SETTINGS> = {}) {
  const team = await service.makeTeam(name, { results: RESULTS, guardrails: 'off', ...settings })
  const user = `${name}-job`
  const made = await service.call('POST', `/api/teams/${name}/ftp-accounts`, { username: user, permissions: 'upload' })
  const { password } = await anyJson(made)
  const folder = join(team.root, 'results')
  const read = (file: string) => readFile(join(folder, file), 'utf8').catch(() => '')
  const becomes = (file: string, start: RegExp | string) =>
    expect.poll(() => read(file), { timeout: 10_000 }).toMatch(start)
  const connect = async () => {
    const client = new Client(10_000)
    onTestFinished(() => client.close())
    const port = Number(service.running().addresses.ftp.split(':')[1])
    await client.access({ host: '127.0.0.1', port, user, password })
    return client
  }
  const uploadByJob = (path: string, content: string) => service.uploadAs(user, password, path, content)
  return { ...team, folder, read, becomes, connect, uploadByJob }
}

/** Has what failed tried again at once. */
async function tryAgain() {
  const { db } = service.running()
  await sql`update written_file set next_attempt_at = now() where state = 'due'`.execute(db)
  await sendSignal(db, { kind: 'file_due' })
}

test('an upload that broke off does not keep the earlier file of its name from its verdict', async () => {
  const team = await sender('admissions')
  await team.uploadByJob(PATH, csv(GOOD))
  const client = await team.connect()
  const port = Number(/\|(\d+)\|/.exec((await client.send('EPSV')).message)?.[1])
  const data = new Socket().connect(port, '127.0.0.1')
  await client.send(`STOR ${PATH}`)
  data.write(HEADER)
  data.resetAndDestroy()
  client.close()
  await team.becomes(TEXT, /^incomplete/)
  await service.runImport('admissions')
  await team.becomes(TEXT, /^imported records=1 /)
})

test('a file that is superseded while it waits has a result, and one that was rejected keeps its own', async () => {
  const team = await sender('bursar')
  await team.upload(`${FOLDER}/StudentData_wrong.csv`, 'ID,First,Last\r\n1,Ann,Lee\r\n')
  await service.runImport('bursar')
  await team.becomes('StudentData_wrong.csv.txt', /^rejected/)
  await team.uploadAll([
    [`${FOLDER}/StudentData_old.csv`, csv(GOOD)],
    [`${FOLDER}/StudentData_new.csv`, csv(GOOD)],
  ])
  await service.runImport('bursar')
  await team.becomes('StudentData_old.csv.txt', /^superseded\r\n.*the newer file StudentData_new\.csv/)
  await team.becomes('StudentData_new.csv.txt', /^imported /)
  expect(await team.read('StudentData_wrong.csv.txt')).toMatch(/^rejected/)
})

test('records that somebody corrects where they lie are left alone, and the next ones lie beside them', async () => {
  const team = await sender('nursing')
  await team.upload(PATH, csv(GOOD, WRONG))
  await service.runImport('nursing')
  await team.becomes(TEXT, /StudentData_errors\.csv/)
  await writeFile(join(team.folder, 'StudentData_errors.csv'), 'half corrected')
  await team.upload(PATH, csv(GOOD, WRONG, '3,Cy,Fox,none,N,Law'))
  await service.runImport('nursing')
  await team.becomes(TEXT, /rejected=2 [\s\S]* in StudentData_errors_2\.csv\./)
  expect(await team.read('StudentData_errors_2.csv')).toContain('3,Cy,Fox,none')
  await team.upload(PATH, csv(GOOD))
  await service.runImport('nursing')
  await team.becomes(TEXT, /^imported records=1 /)
  expect((await readdir(team.folder)).toSorted()).toEqual([TEXT, 'StudentData_errors.csv'])
  expect(await team.read('StudentData_errors.csv')).toBe('half corrected')
})

test('two files whose names lead to one have their rejected records apart', async () => {
  const team = await sender('housing', { file: { ...SETTINGS.file, select: 'all_matching' } })
  await team.uploadAll([
    [`${FOLDER}/StudentData`, csv(WRONG)],
    [PATH, csv('3,Cy,Fox,none,N,Law')],
  ])
  await service.runImport('housing')
  await team.becomes('StudentData.txt', /^imported_with_errors/)
  await team.becomes(TEXT, /^imported_with_errors/)
  for (const [text, id] of [
    ['StudentData.txt', '2,Bo'],
    [TEXT, '3,Cy'],
  ] as const) {
    const [, named = ''] = /The rejected records are in (.*)\.\r/.exec(await team.read(text)) ?? []
    expect(await team.read(named)).toContain(id)
  }
})

test('a team without room imports, is told of the result that is not there, and gets it later', async () => {
  const team = await sender('parking')
  await service.call('PATCH', '/api/teams/parking', { quotaFiles: 1 })
  await team.upload(PATH, csv(GOOD))
  const run = await service.runImport('parking')
  expect(run.state).toBe('imported')
  const page = async () => (await service.asOwner('GET', '/teams/parking/imports')).text()
  await expect.poll(page, { timeout: 10_000 }).toContain(`The result /results/${TEXT} could not be written.`)
  expect(await page()).toContain('This team may keep 1 files')
  await service.call('PATCH', '/api/teams/parking', { quotaFiles: 1000 })
  await expect
    .poll(
      async () => {
        await tryAgain()
        return team.read(TEXT)
      },
      { timeout: 20_000 },
    )
    .toMatch(/^imported /)
  expect(await page()).not.toContain('could not be written')
})

test('an account that may only upload lists, measures and hashes results, and can neither change nor cover them', async () => {
  const team = await sender('library')
  await team.upload(PATH, csv(GOOD))
  await service.runImport('library')
  await team.becomes(TEXT, /^imported /)
  const client = await team.connect()
  const at = `/results/${TEXT}`
  const text = await team.read(TEXT)
  expect(await client.list('/results')).toMatchObject([{ name: TEXT, size: text.length }])
  expect(await client.size(at)).toBe(text.length)
  expect(await client.lastMod(at)).toBeInstanceOf(Date)
  expect((await client.send(`HASH ${at}`)).code).toBe(213)
  expect((await client.send(`SITE STATUS ${at}`)).message).toContain('The service wrote it for the sender.')
  await expect(client.rename(at, '/mine.txt')).rejects.toThrow('550')
  await expect(client.uploadFrom(Readable.from(['x']), at)).rejects.toThrow('553')
  await expect(client.appendFrom(Readable.from(['x']), at)).rejects.toThrow('553')
  expect(await team.read(TEXT)).toBe(text)
  // A name of ours does not make the file of somebody else one of ours.
  await rm(join(team.folder, TEXT))
  await writeFile(join(team.folder, TEXT), text.replace('imported', 'Imported'))
  await expect(client.remove(at)).rejects.toThrow('550')
  await expect(client.send(`HASH ${at}`)).rejects.toThrow('550')
})

test('results that a restore brought back are still ours', async () => {
  const team = await sender('advising')
  await team.upload(PATH, csv(GOOD))
  await service.runImport('advising')
  await team.becomes(TEXT, /^imported /)
  const copy = `${team.folder}-copy`
  await cp(team.folder, copy, { recursive: true, preserveTimestamps: true })
  await rm(team.folder, { recursive: true })
  await rename(copy, team.folder)
  const file = { ...SETTINGS.file, path: RESULTS.path, namePrefix: '' }
  const moved = { ...SETTINGS, file, version: 1 }
  expect((await service.call('PUT', '/api/teams/advising/import-settings', moved)).status).toBe(200)
  expect(await service.runImport('advising')).toMatchObject({ state: 'nothing_to_import', batches: [] })
  const back = { ...SETTINGS, results: RESULTS, version: 2 }
  expect((await service.call('PUT', '/api/teams/advising/import-settings', back)).status).toBe(200)
  await team.upload(PATH, csv(GOOD, '3,Cy,Fox,7165550103,N,Law'))
  await service.runImport('advising')
  await team.becomes(TEXT, /^imported records=2 /)
  await (await team.connect()).remove(`/results/${TEXT}`)
  expect(await readdir(team.folder)).toEqual([])
})

test('a folder for results has a name that the ledger can hold', async () => {
  await service.makeTeam('alumni')
  const path = `/${'a'.repeat(250)}`.repeat(4)
  const body = { ...SETTINGS, results: { path }, version: 1 }
  const answer = await service.call('PUT', '/api/teams/alumni/import-settings', body)
  expect([answer.status, (await anyJson(answer)).errors[0].path]).toEqual([422, 'results.path'])
})

test('a cut upload that is held has a result, and so has what a person decides', async () => {
  const team = await sender('registrar')
  const client = await team.connect()
  await client.uploadFrom(Readable.from([csv(GOOD).slice(0, -20)]), PATH)
  // Without the QUIT of an orderly client.
  client.ftp.socket.destroy()
  await team.becomes(TEXT, /^held /)
  const { items } = await anyJson(await service.call('GET', '/api/teams/registrar/runs'))
  const { id } = items[0].batches[0]
  expect((await service.call('POST', `/api/batches/${id}/discard`)).ok).toBe(true)
  await team.becomes(TEXT, /^discarded /)
})

test('of two processes one writes each result', async () => {
  const team = await sender('athletics', { file: { ...SETTINGS.file, select: 'all_matching' } })
  await service.beside()
  const names = Array.from({ length: 8 }, (_, n) => `StudentData${n}.csv`)
  await team.uploadAll(names.map((name) => [`${FOLDER}/${name}`, csv(GOOD)]))
  await service.runImport('athletics')
  for (const name of names) await team.becomes(`${name}.txt`, /^imported /)
  const rows = service.database.db.selectFrom('written_file').select(['state', 'revision'])
  const ours = await rows.where('path', 'like', '/results/StudentData_.csv.txt').execute()
  expect(ours).toEqual(names.map(() => ({ state: 'written', revision: 1 })))
})

test('a team that is removed while a result is due gets no folder again', async () => {
  const team = await sender('visitors')
  await service.call('PATCH', '/api/teams/visitors', { quotaFiles: 1 })
  await team.upload(PATH, csv(GOOD))
  await service.runImport('visitors')
  const due = () =>
    service.database.db.selectFrom('written_file').select('attempts').where('state', '=', 'due').execute()
  await expect.poll(due, { timeout: 10_000 }).toMatchObject([{ attempts: expect.any(Number) }])
  expect((await service.asOwner('DELETE', '/api/teams/visitors')).ok).toBe(true)
  await tryAgain()
  await expect.poll(due).toEqual([])
  await expect(access(team.root)).rejects.toThrow('ENOENT')
})

test('a result is removed after 30 days, and what somebody made of one is not', async () => {
  const team = await sender('archives', { file: { ...SETTINGS.file, select: 'all_matching' } })
  const names = ['StudentData1.csv', 'StudentData2.csv']
  await team.uploadAll(names.map((name) => [`${FOLDER}/${name}`, csv(GOOD)]))
  await service.runImport('archives')
  for (const name of names) await team.becomes(`${name}.txt`, /^imported /)
  await writeFile(join(team.folder, `${names[0]}.txt`), 'seen by Dana')
  await service.stop()
  await sql`update written_file set written_at = now() - interval '31 days'`.execute(service.database.db)
  await service.start()
  await expect.poll(() => readdir(team.folder), { timeout: 10_000 }).toEqual([`${names[0]}.txt`])
})

test('a window without a file has a result, about which there is no batch to open', async () => {
  const team = await sender('graduates')
  const { db } = service.running()
  const { id } = await db.selectFrom('team').select('id').where('team', '=', 'graduates').executeTakeFirstOrThrow()
  const slot = { name: 'overnight', date: '2026-11-22' } as const
  await wantEmptyWindowResult(db, id, { ...SETTINGS, results: RESULTS, version: 1 }, slot)
  const name = 'StudentData_no_file_2026-11-22_overnight.txt'
  await team.becomes(name, /^no_file window=overnight date=2026-11-22\r\n/)
  const { items } = await anyJson(await service.call('GET', '/api/teams/graduates/files'))
  expect(items).toMatchObject([{ path: `/results/${name}`, fate: 'written', action: 'none', batchId: null }])
})

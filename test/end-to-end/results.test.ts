import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { Client } from 'basic-ftp'
import { expect, onTestFinished, test } from 'vitest'
import { connectSsh, SftpClient } from '../server/support/sftp-server.ts'
import { SETTINGS, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService({ SFTP_PORT: '0', FTP_TLS: 'optional' })

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')
const PATH = '/cadence/imports/StudentData.csv'
const results = { path: '/results' as typeof SETTINGS.file.path, rejectedRecords: true }
const RESULT = 'StudentData.csv.txt'

/** A team that wants results, whose job may only upload. */
async function sender(name: string, wanted = results) {
  const team = await service.makeTeam(name, { results: wanted })
  const username = `${name}-job`
  const made = await service.call('POST', `/api/teams/${name}/ftp-accounts`, { username, permissions: 'upload' })
  return { team, root: team.root, login: { user: username, password: (await anyJson(made)).password as string } }
}

async function overFtp({ user, password }: { user: string; password: string }, tls: boolean | 'implicit' = true) {
  const client = new Client(10_000)
  onTestFinished(() => client.close())
  const { ftp, ftps } = service.running().addresses
  const port = Number((tls === 'implicit' ? ftps : ftp)?.split(':')[1])
  await client.access({
    host: '127.0.0.1',
    port,
    user,
    password,
    secure: tls,
    secureOptions: { rejectUnauthorized: false },
  })
  return client
}

async function fetched(client: Client, path: string): Promise<string> {
  const chunks: Buffer[] = []
  const sink = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk)
      done()
    },
  })
  await client.downloadTo(sink, path)
  return Buffer.concat(chunks).toString()
}

const onDisk = (root: string, name = RESULT) => readFile(join(root, 'results', name), 'utf8').catch(() => '')
const becomes = (root: string, start: string) => expect.poll(() => onDisk(root), { timeout: 10_000 }).toMatch(start)

test.each([
  ['FTPS', true],
  ['implicit TLS', 'implicit'],
] as const)(
  'over %s a job that may only upload fetches the result, corrects the rejected records and sends them',
  async (title, tls) => {
    const { team, root, login } = await sender(title === 'FTPS' ? 'admissions' : 'implicit')
    await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law', '2,Bo,Ray,none,N,Law'))
    await service.runImport(team.team)
    await becomes(root, 'imported_with_errors')
    const client = await overFtp(login, tls)
    const text = await fetched(client, `/results/${RESULT}`)
    expect(text.split('\r\n').slice(0, 2)).toEqual([
      'imported_with_errors records=2 imported=1 created=1 updated=0 unchanged=0 rejected=1 superseded=0',
      'StudentData.csv: 1 of 2 records imported; 1 had an error.',
    ])
    expect(text).toContain('The rejected records are in StudentData_errors.csv.')
    const rejected = await fetched(client, '/results/StudentData_errors.csv')
    expect(rejected).toContain('2,Bo,Ray,none,N,Law')

    await team.upload('/cadence/imports/StudentData_errors.csv', rejected.replace(',none,', ',7165550102,'))
    const again = await service.runImport(team.team)
    expect(again.batches[0]).toMatchObject({ state: 'imported', counts: { records: 1, created: 1, rejected: 0 } })
    await expect
      .poll(() => onDisk(root, 'StudentData_errors.csv.txt'), { timeout: 10_000 })
      .toMatch(/^imported records=1/)
    await client.remove(`/results/${RESULT}`)
    expect(await onDisk(root)).toBe('')
  },
)

test('over SFTP it is read and deleted too, and nothing else of the service is', async () => {
  const { team, root, login } = await sender('registrar')
  await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law'))
  await service.runImport('registrar')
  await becomes(root, 'imported ')
  await writeFile(join(root, 'results', 'private.csv'), 'secret')
  const port = Number(service.running().addresses.sftp?.split(':')[1])
  const ssh = await connectSsh(port, { username: login.user, password: login.password })
  const sftp = await SftpClient.open(ssh)
  const [archived = ''] = await readdir(join(root, 'cadence/archive'))
  for (const path of ['/results/private.csv', `/cadence/archive/${archived}`]) {
    await expect(sftp.call('readFile', path)).rejects.toThrow('Permission denied')
    await expect(sftp.call('unlink', path)).rejects.toThrow('Permission denied')
  }
  await expect(sftp.call('rename', `/results/${RESULT}`, '/results/mine.txt')).rejects.toThrow('Permission denied')
  expect(String(await sftp.call('readFile', `/results/${RESULT}`))).toMatch(/^imported records=1/)
  await sftp.call('unlink', `/results/${RESULT}`)
  expect(await readdir(join(root, 'results'))).toEqual(['private.csv'])
})

test('a job that speaks SFTP alone uploads, learns of a cut upload and fetches the verdict', async () => {
  const { root, login } = await sender('sftp-only')
  const port = Number(service.running().addresses.sftp?.split(':')[1])
  const connect = () => connectSsh(port, { username: login.user, password: login.password })
  const ssh = await connect()
  const broken = await SftpClient.open(ssh)
  const handle = await broken.call('open', PATH, 'w')
  await broken.call('write', handle, Buffer.from(HEADER), 0, HEADER.length, 0)
  ssh.end()
  await becomes(root, 'incomplete')

  const sftp = await SftpClient.open(await connect())
  await sftp.call('writeFile', PATH, csv('1,Ann,Lee,7165550101,N,Law', '2,Bo,Ray,none,N,Law'))
  await service.runImport('sftp-only')
  await becomes(root, 'imported_with_errors records=2 ')
  expect(String(await sftp.call('readFile', '/results/StudentData_errors.csv'))).toContain('2,Bo,Ray,none')
  await expect(sftp.call('writeFile', '/results/StudentData_errors.csv', 'mine')).rejects.toThrow('Permission denied')
  expect(String(await sftp.call('readFile', `/results/${RESULT}`))).toMatch(/^imported_with_errors /)
})

test('the result follows what becomes of the file: rejected, held, discarded, undone', async () => {
  const { team, root } = await sender('bursar')
  await team.upload(PATH, 'ID,First,Last\r\n1,Ann,Lee\r\n')
  await service.runImport('bursar')
  await becomes(root, 'rejected code=F_COLUMN_MISSING')
  expect(await onDisk(root)).toContain('has no column "Cell"')

  await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law', '2,Bo,Ray,none,N,Law'))
  const first = await service.runImport('bursar')
  await becomes(root, 'imported_with_errors')
  expect(await onDisk(root, 'StudentData_errors.csv')).not.toBe('')
  await team.upload(PATH, 'ID,First,Last,Cell\r\n3,Cy,Fox,7165550103\r\n')
  const held = await service.runImport('bursar')
  expect(held.state).toBe('held')
  await becomes(root, 'held')
  // What the earlier file of that name left to correct would be sent in its place.
  expect(await onDisk(root, 'StudentData_errors.csv')).toBe('')
  await service.call('POST', `/api/batches/${held.batches[0]?.id}/discard`)
  await becomes(root, 'discarded')
  // An older file of that name is told no more.
  const stateOf = async (id = '') => (await anyJson(await service.call('GET', `/api/batches/${id}`))).state
  expect((await service.call('POST', `/api/batches/${first.batches[0]?.id}/undo`)).status).toBe(202)
  await expect.poll(() => stateOf(first.batches[0]?.id), { timeout: 10_000 }).toBe('undone')

  await team.upload('/cadence/imports/StudentData2.csv', csv('4,Di,Ott,7165550104,N,Law'))
  const run = await service.runImport('bursar')
  await service.call('POST', `/api/batches/${run.batches[0]?.id}/undo`)
  await expect.poll(() => onDisk(root, 'StudentData2.csv.txt'), { timeout: 10_000 }).toMatch(/^undone/)
  expect(await onDisk(root)).toMatch(/^discarded/)
})

test('an upload that broke off has a result, until the whole file has one', async () => {
  const { team, root, login } = await sender('nursing')
  const client = await overFtp(login, false)
  await client.send('EPSV')
  const port = Number(/\|(\d+)\|/.exec((await client.send('EPSV')).message)?.[1])
  const data = new Socket().connect(port, '127.0.0.1')
  await client.send(`STOR ${PATH}`)
  data.write(HEADER)
  data.resetAndDestroy()
  client.close()
  await becomes(root, 'incomplete')
  expect(await onDisk(root)).toContain('StudentData.csv: The upload broke off.')
  await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law'))
  await service.runImport('nursing')
  await becomes(root, 'imported ')
})

test('what the service wrote is never imported, wherever File Path leads, and tells what it is', async () => {
  const { team, root } = await sender('housing')
  await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law', '2,Bo,Ray,none,N,Law'))
  await service.runImport('housing')
  await becomes(root, 'imported_with_errors')
  const { items } = await anyJson(await service.call('GET', '/api/teams/housing/files'))
  const ours = items.filter(({ path }: { path: string }) => path.startsWith('/results/'))
  expect(ours.map(({ fate, action }: { fate: string; action: string }) => [fate, action])).toEqual(
    Array(2).fill(['written', 'open_batch']),
  )
  const settings = { ...SETTINGS, file: { ...SETTINGS.file, path: '/results', select: 'all_matching' }, version: 1 }
  expect((await service.call('PUT', '/api/teams/housing/import-settings', settings)).status).toBe(200)
  const run = await service.runImport('housing')
  expect(run).toMatchObject({ state: 'nothing_to_import', batches: [] })
  expect(await readdir(join(root, 'results'))).toHaveLength(2)
})

test('the file of somebody else under the name of a result is left alone', async () => {
  const { team, root } = await sender('parking')
  await mkdir(join(root, 'results'), { recursive: true })
  await writeFile(join(root, 'results', RESULT), 'mine')
  await team.upload(PATH, csv('1,Ann,Lee,7165550101,N,Law'))
  await service.runImport('parking')
  const due = service.database.db.selectFrom('written_file').select(['state', 'last_error'])
  await expect
    .poll(() => due.where('path', '=', `/results/${RESULT}`).where('attempts', '>', 0).execute(), { timeout: 10_000 })
    .toContainEqual({ state: 'due', last_error: `Another file stands at /results/${RESULT}. It is left as it is.` })
  expect(await onDisk(root)).toBe('mine')
})

test('results need a folder of their own', async () => {
  await service.makeTeam('library')
  for (const path of [SETTINGS.file.path, '/cadence/archive', 'results', '/a/../b']) {
    const body = { ...SETTINGS, results: { path }, version: 1 }
    const answer = await service.call('PUT', '/api/teams/library/import-settings', body)
    expect([path, answer.status, (await anyJson(answer)).errors[0].path]).toEqual([path, 422, 'results.path'])
  }
})

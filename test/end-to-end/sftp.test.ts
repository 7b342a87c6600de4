import { once } from 'node:events'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { connectSsh, SftpClient } from '../server/support/sftp-server.ts'
import { importDate, testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService({ SFTP_PORT: '0', FTP_BAN_AFTER: '1' })

const HEADER = 'ID,First,Last,Cell,OptOut,Major'
const csv = (...records: string[]) => [HEADER, ...records, ''].join('\r\n')

test('a file that is uploaded over SFTP under a temporary name is imported by Run Import', async () => {
  await service.makeTeam('admissions')
  const made = await service.call('POST', '/api/teams/admissions/ftp-accounts', { username: 'admissions-sftp' })
  const { username, password } = await anyJson(made)
  const { sftp: address } = service.running().addresses
  expect(address).toMatch(/^127\.0\.0\.1:\d+$/)
  const ssh = await connectSsh(Number(address?.split(':')[1]), { username, password })
  const client = await SftpClient.open(ssh)

  await client.put('/cadence/imports/StudentData.csv.filepart', csv('1001,Ann,Lee,(716) 555-0101,N,Biology'))
  expect(await service.runImport('admissions')).toMatchObject({ state: 'nothing_to_import' })

  await client.call('rename', '/cadence/imports/StudentData.csv.filepart', '/cadence/imports/StudentData.csv')
  const run = await service.runImport('admissions')
  expect(run).toMatchObject({
    state: 'imported',
    batches: [{ fileName: 'StudentData.csv', counts: { records: 1, created: 1, rejected: 0 } }],
  })
  expect(await anyJson(await service.call('GET', '/api/teams/admissions/contacts/1001'))).toMatchObject({
    firstName: 'Ann',
    mobileNumber: '+17165550101',
  })
  const archived: { filename: string }[] = await client.call('readdir', '/cadence/archive')
  expect(archived.map(({ filename }) => filename)).toEqual([`StudentData_${importDate(run)}.csv`])
})

test('who is banned for a guess over SFTP is refused over FTP, but for the account at home there', async () => {
  const home = await service.makeTeam('nursing')
  const stranger = await service.makeTeam('registrar')
  await home.upload('/a.csv', csv())
  const port = Number(service.running().addresses.sftp?.split(':')[1])
  const guessing = new ssh2.Client().on('error', () => {})
  const closed = once(guessing, 'close')
  guessing.connect({ host: '127.0.0.1', port, username: 'nursing-sis', password: 'guess' })
  await closed
  await expect(stranger.upload('/a.csv', csv())).rejects.toThrow('421 Too many login failures.')
  expect(await home.upload('/b.csv', csv())).toMatch(/^226/)
})

test('readiness names SFTP where it is on', async () => {
  const { parts } = await anyJson(await service.call('GET', '/readyz'))
  expect(parts).toMatchObject({ ftps: 'ready', sftp: 'ready' })
})

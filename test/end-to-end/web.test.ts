import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createLog } from '../../log.ts'
import { openDatabase } from '../../store/postgres/database.ts'
import { testService } from '../support/service.ts'
import { anyJson } from '../support/web.ts'

const service = testService()

test('a file given by hand is imported like any other, and no trace of it stays in the root', async () => {
  const { root } = await service.makeTeam('admissions')
  const file = 'ID,First,Last,Cell,OptOut,Major\n1001,Ann,Lee,(716) 555-0101,N,Biology\n1002,Bo,Park,555,N,Law\n'
  const answer = await service.call('PUT', '/api/teams/admissions/manual-import?fileName=by-hand.csv', file)
  expect(answer.status).toBe(202)
  const run = await service.finishedRun((await anyJson(answer)).runId)
  expect(run).toMatchObject({ trigger: 'manual', state: 'imported_with_errors', requestedBy: 'admin@localhost' })
  expect(run.batches).toMatchObject([{ fileName: 'by-hand.csv', counts: { records: 2, created: 1, rejected: 1 } }])
  expect(await readdir(join(root, '.rosterport'))).toEqual(['team'])
  const contacts = await (await service.call('GET', '/api/teams/admissions/contacts.csv')).text()
  expect(contacts).toContain('1001,Ann,Lee,"\'+17165550101",,N,Biology\r\n')
})

test('readiness names the database, the files, the endpoints and the mail', async () => {
  const answer = await service.call('GET', '/readyz')
  expect([answer.status, await answer.json()]).toEqual([
    200,
    {
      status: 'ready',
      parts: {
        ...{ database: 'ready', files: 'ready', imports: 'ready' },
        ...{ ftp: 'ready', ftps: 'ready', mail: 'ready' },
      },
    },
  ])
})

test('readiness names the database as the part that is gone, until it is back', async () => {
  const ready = async () => {
    const answer = await service.call('GET', '/readyz')
    return { status: answer.status, parts: (await anyJson(answer)).parts }
  }
  const { address } = service.database
  if (!('database' in address)) throw new Error('test databases have names')
  const outside = openDatabase({ ...address, database: 'postgres' }, createLog('silent'), { size: 1 })
  const name = sql.id(address.database)
  try {
    await sql`alter database ${name} with allow_connections false`.execute(outside.db)
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${address.database}`.execute(
      outside.db,
    )
    expect(await ready()).toMatchObject({
      status: 503,
      parts: { database: 'not ready', files: 'ready', ftp: 'ready', mail: 'not ready' },
    })
    expect((await fetch(`http://${service.running().addresses.http}/healthz`)).status).toBe(200)
  } finally {
    await sql`alter database ${name} with allow_connections true`.execute(outside.db)
    await outside.close()
  }
  await expect.poll(ready).toMatchObject({ status: 200, parts: { database: 'ready', mail: 'ready' } })
})

test('figures can be fetched on this machine without a token', async () => {
  const answer = await fetch(`http://${service.running().addresses.http}/metrics`)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('rosterport_records_total{outcome="created"} 1\n')
})

test('the running service can change neither its schema nor what the audit holds', async () => {
  const { db } = service.running()
  for (const statement of [sql`drop table contact`, sql`delete from audit`, sql`update audit set actor = 'x'`])
    await expect(statement.execute(db)).rejects.toMatchObject({ code: '42501' })
})

test('a removed team leaves its files to no team of the same name', async () => {
  const { root, upload } = await service.makeTeam('housing')
  await upload('/cadence/imports/StudentData.csv', 'ID,First,Last,Cell,OptOut,Major\n')
  expect((await service.call('DELETE', '/api/teams/housing')).status).toBe(204)
  await service.call('POST', '/api/teams', { team: 'housing', name: 'Housing', timeZone: 'UTC' })
  expect(await readdir(root)).toEqual(['.rosterport'])
  expect(await readdir(join(service.dataDir, 'teams', '.removed'))).toEqual([expect.stringMatching(/^housing_/)])
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Client } from 'basic-ftp'
import { sql } from 'kysely'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { type Service, startService } from '../start/service.ts'
import { EXAMPLE_SETTINGS } from '../test/web/pages/example.ts'

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const TEAMS = 20
const RECORDS = 2_000
/** One record in so many is rejected. */
const WRONG = 20
const ASKED_SECONDS = 5
const MAPPING = {
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: null,
  additionalFields: [],
}

/** How long after the end of its batch the result of a file stands in the root, with the rejected records, while 20 teams import. */
export async function benchResults({ rounds }: { rounds: number }): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-results-'))
  const ports = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '', FTP_TLS: 'optional' }
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const service = await startService(readConfig({ DATA_DIR: dataDir, ...ports, ...admin }), createLog('error'))
  try {
    const call = await signedIn(service)
    const passwords = new Map<string, string>()
    for (let n = 0; n < TEAMS; n++) {
      const slug = `team${n}`
      await call('POST', '/api/teams', { team: slug, name: slug, timeZone: 'UTC' })
      const results = { path: '/results', rejectedRecords: true }
      const settings = { ...EXAMPLE_SETTINGS, ...MAPPING, schedule: forEachWindow(false), guardrails: 'off', results }
      await call('PUT', `/api/teams/${slug}/import-settings`, { ...settings, version: 0 })
      const made = await call('POST', `/api/teams/${slug}/ftp-accounts`, { username: slug })
      passwords.set(slug, ((await made.json()) as { password: string }).password)
    }
    for (let round = 0; round < rounds; round++) {
      for (const [slug, password] of passwords) await upload(service, slug, password, round)
      await Promise.all([...passwords.keys()].map((team) => call('POST', '/run-import', { team })))
      await finished(service, TEAMS * (round + 1))
    }
    return table(await secondsAfter(service))
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function signedIn({ addresses }: Service) {
  const base = `http://${addresses.http}`
  const answer = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
  const headers = { cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: base }
  return async (method: string, path: string, body: unknown) => {
    const answer = await fetch(base + path, { method, headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}

async function upload({ addresses }: Service, user: string, password: string, round: number): Promise<void> {
  const records = Array.from({ length: RECORDS }, (_, n) => {
    const mobile = n % WRONG === 0 ? 'none' : `716555${String(100 + (n % 900)).padStart(4, '0')}`
    return `${n},Ann,Lee${round},${mobile}`
  })
  const client = new Client()
  await client.access({ host: '127.0.0.1', port: Number(addresses.ftp.split(':')[1]), user, password })
  const path = `${EXAMPLE_SETTINGS.file.path}/${EXAMPLE_SETTINGS.file.namePrefix}${round}.csv`
  await client.uploadFrom(Readable.from([['ID,First,Last,Cell', ...records, ''].join('\r\n')]), path)
  await client.send('QUIT')
  client.close()
}

/** Waits until so many results have been written. */
async function finished({ db }: Service, many: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ written: number }>`
      select count(*)::integer as written from written_file where kind = 'result' and state = 'written'`.execute(db)
    if ((rows[0]?.written ?? 0) >= many) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function secondsAfter({ db }: Service): Promise<number[]> {
  const { rows } = await sql<{ seconds: number }>`
    select extract(epoch from written_at - batch.finished_at)::float8 as seconds
    from written_file join batch on batch.id = written_file.batch_id
    where written_file.kind = 'result' order by 1`.execute(db)
  return rows.map(({ seconds }) => seconds)
}

function table(seconds: readonly number[]): string {
  const at = (share: number) =>
    (seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? 0).toFixed(2)
  return `${TEAMS} teams at once, ${RECORDS.toLocaleString('en-US')} records each, one in ${WRONG} rejected; ${seconds.length} results, from the end of the batch in the database to the entry of the written file.

| median s | 95th percentile s | longest s | asked |
|---|---|---|---|
| ${at(0.5)} | ${at(0.95)} | ${at(1)} | 95th percentile <= ${ASKED_SECONDS} |
`
}

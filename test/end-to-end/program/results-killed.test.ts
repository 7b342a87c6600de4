import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'basic-ftp'
import { expect, test } from 'vitest'
import { HIDDEN_FOLDER } from '../../../model/team-path.ts'
import { firstOwner } from '../../../store/people/administrators.ts'
import { createToken } from '../../../store/people/tokens.ts'
import { newSecret, secretHash } from '../../../web/http/sessions/session-cookie.ts'
import { testDatabase } from '../../support/database.ts'
import { FREE_PORTS, ready, testProcesses } from '../../support/machine/process.ts'
import { seededRandom } from '../../support/random.ts'
import { SETTINGS } from '../../support/service.ts'
import { anyJson } from '../../support/web.ts'

const { run, dataDir } = testProcesses()
const database = testDatabase()
/** RESULT_KILLS for more. */
const KILLS = Number(process.env.RESULT_KILLS ?? 4)
/** From the press of Run Import to behind the end of what follows. */
const WITHIN_MS = 350
const PATH = '/cadence/imports/StudentData.csv'

const roster = (records: number) =>
  [
    'ID,First,Last,Cell,OptOut,Major',
    ...Array.from(
      { length: records },
      (_, n) => `${n},Ann,Lee,${n % 2 ? 'none' : `71655501${String(n % 100).padStart(2, '0')}`},N,Law`,
    ),
    '',
  ].join('\r\n')

test(
  'killed at any moment of an import and its result, the sender finds one result, whole and final',
  async () => {
    const seed = Number(process.env.RESULT_SEED ?? Math.floor(Math.random() * 1e9))
    const next = seededRandom(seed)
    const token = newSecret()
    const env = {
      ...FREE_PORTS,
      DATABASE_URL: database.url,
      FTP_TLS: 'optional',
      ADMIN_PASSWORD: 'correct horse battery',
    }
    let service = run(env)
    let at = await ready(service)
    const again = async () => {
      service = run(env)
      at = await ready(service)
    }
    const call = async (method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${token}` }
      return anyJson(await fetch(`http://${at.http}${path}`, { method, headers, body: JSON.stringify(body) }))
    }
    const { id: administratorId } = await firstOwner(database.db)
    await createToken(database.db, {
      name: 'test',
      tokenHash: secretHash(token),
      teamId: null,
      access: 'full',
      administratorId,
    })
    await call('POST', '/api/teams', { team: 'admissions', name: 'Admissions', timeZone: 'America/New_York' })
    const results = { path: '/results', rejectedRecords: true }
    await call('PUT', '/api/teams/admissions/import-settings', { ...SETTINGS, guardrails: 'off', results, version: 0 })
    const { password } = await call('POST', '/api/teams/admissions/ftp-accounts', { username: 'job' })
    const upload = async (content: string) => {
      const client = new Client()
      await client.access({ host: '127.0.0.1', port: Number(at.ftp.split(':')[1]), user: 'job', password })
      await client.uploadFrom(Readable.from([content]), PATH)
      await client.send('QUIT')
      client.close()
    }

    const folder = join(dataDir(), 'teams/admissions/results')
    const read = (name: string) => {
      try {
        return readFileSync(join(folder, name), 'utf8')
      } catch {
        return ''
      }
    }
    const halves: string[] = []
    const watching = setInterval(() => {
      const text = read('StudentData.csv.txt')
      if (text !== '' && !/^imported_with_errors records=(\d+) .*\r\nRun: +\d+\r\n$/s.test(text)) halves.push(text)
      const rejected = read('StudentData_errors.csv')
      if (rejected !== '' && !rejected.endsWith(',none,N,Law\r\n')) halves.push(rejected)
    }, 1)

    for (let round = 0; round < KILLS; round++) {
      const records = 4 + round
      await upload(roster(records))
      await call('POST', '/run-import', { team: 'admissions' })
      await sleep(next() * WITHIN_MS)
      service.child.kill('SIGKILL')
      await service.ended
      await again()
      const final = `imported_with_errors records=${records} `
      await expect.poll(() => read('StudentData.csv.txt'), { timeout: 40_000, message: `seed ${seed}` }).toMatch(final)
      expect(read('StudentData_errors.csv').split('\r\n')).toHaveLength(Math.floor(records / 2) + 2)
      expect(readdirSync(folder).toSorted()).toEqual(['StudentData.csv.txt', 'StudentData_errors.csv'])
    }
    clearInterval(watching)
    expect(halves).toEqual([])
    expect(
      readdirSync(join(dataDir(), 'teams/admissions', HIDDEN_FOLDER), { withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      ),
    ).toEqual([])
    const batches = await database.db.selectFrom('batch').select('path').distinct().execute()
    expect(batches).toEqual([{ path: PATH }])
  },
  60_000 + KILLS * 20_000,
)

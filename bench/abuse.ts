import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { isFinished, type Run } from '../model/run.ts'
import { type Service, startService } from '../start/service.ts'
import { createFtpAccount } from '../store/ftp-accounts.ts'
import { saveSettings } from '../store/settings.ts'
import { createTeam } from '../store/teams.ts'
import { abuserOf } from '../test/support/abuse/abuser-of.ts'
import { ABUSE_FILES, ABUSES } from '../test/support/abuse/abuses.ts'
import { EXAMPLE_SETTINGS, putFile } from '../test/web/pages/example.ts'
import { BenchClient } from './ftp-client.ts'
import { programBeside } from './program.ts'

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const CHECKED_RECORDS = 50_000
/** Of one round of either kind. */
const TIMES = 15
const MOST_TIMES_USUAL = 2
const SETTLE_MS = 3_000

type Times = Record<'login' | 'upload' | 'page' | 'import', number[]>

/** How long the things of one team take, in turn with another team quiet and at its worst, or at `only` one abuse. */
export async function benchAbuse({ rounds, only }: { rounds: number; only?: string | undefined }): Promise<string> {
  const names = Object.keys(ABUSES).filter((name) => only === undefined || name === only)
  if (names.length === 0) throw new Error(`there is no abuse "${only}"; there are: ${Object.keys(ABUSES).join(', ')}`)
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-abuse-'))
  const config = readConfig({
    ...{ DATA_DIR: dataDir, HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '0', FTP_TLS: 'optional' },
    ...{ ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password },
  })
  const service = await startService(config, createLog('silent'))
  try {
    const other = await neighbour(service)
    await team(service, 'busy')
    for (const [path, content] of ABUSE_FILES(CHECKED_RECORDS)) await putFile(dataDir, 'busy', path, content)
    const rights = await abuserOf(service, 'busy', new Date())
    const quiet: Times = { login: [], upload: [], page: [], import: [] }
    const worst: Times = { login: [], upload: [], page: [], import: [] }
    let begun: Record<string, number> = {}
    let costs = ''
    await measure(other, { login: [], upload: [], page: [], import: [] })
    for (let round = 0; round < rounds; round++) {
      await measure(other, quiet)
      const client = fork(programBeside('abuse-client'), [JSON.stringify(rights), ...names])
      await setTimeout(SETTLE_MS)
      const end = costsOfService()
      await measure(other, worst)
      costs = end()
      begun = await begunBy(client)
      client.disconnect()
      await once(client, 'exit')
      await setTimeout(SETTLE_MS)
    }
    const rows = (Object.keys(quiet) as (keyof Times)[]).map((what) => {
      const [usual, then] = [median(quiet[what]), median(worst[what])]
      const ratio = (then / usual).toFixed(2)
      return `| ${what} | ${usual.toFixed(1)} | ${then.toFixed(1)} | ${Math.max(...worst[what]).toFixed(0)} | ${ratio} | ${MOST_TIMES_USUAL} |`
    })
    const turns = Object.entries(begun).map(([name, count]) => `${name} ${count}`)
    return `${rounds} rounds of ${TIMES}; turns of the abuses in the last one: ${turns.join(', ')}.\n${costs}\n\n${[
      '| medians | quiet, ms | at the worst, ms | longest, ms | times | asked |',
      '|---|---|---|---|---|---|',
      ...rows,
    ].join('\n')}\n`
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** What the process of the service spends until the function that it returns is called. */
function costsOfService(): () => string {
  const before = performance.eventLoopUtilization()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const cpu = process.cpuUsage()
  const begun = performance.now()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    const share = (part: number) => `${Math.round(part * 100)} %`
    const milliseconds = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(0)} ms`
    const { rss, heapUsed, external } = process.memoryUsage()
    const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
    delay.disable()
    return [
      `main thread busy ${share(performance.eventLoopUtilization(before).utilization)}`,
      `all threads ${share((user + system) / 1_000 / (performance.now() - begun))} of a core`,
      `event loop late by ${milliseconds(delay.percentile(50))} (median), ${milliseconds(delay.percentile(99))} (99 of 100), ${milliseconds(delay.max)} (most)`,
      `memory ${mebibytes(rss)}: heap ${mebibytes(heapUsed)}, buffers ${mebibytes(external)}`,
    ].join('; ')
  }
}

async function begunBy(client: ChildProcess): Promise<Record<string, number>> {
  client.send('begun?')
  return ((await once(client, 'message')) as [Record<string, number>])[0]
}

async function team({ db }: Service, slug: string): Promise<number> {
  const made = await createTeam(db, { team: slug, name: slug, timeZone: 'UTC' })
  if (!made) throw new Error('the team was not made')
  await saveSettings(db, made.id, 0, SETTINGS, ADMIN.email)
  return made.id
}

interface Neighbour {
  ftp: { port: number; username: string; password: string }
  base: string
  headers: Record<string, string>
  content: Buffer
}

const SETTINGS = {
  ...EXAMPLE_SETTINGS,
  schedule: forEachWindow(false),
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
  optOut: { column: 'OptOut', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' as const },
  additionalFields: [{ name: 'Major', column: 'Major', required: false, mergeable: true, visibleToUser: true }],
  guardrails: 'off' as const,
}

async function neighbour(service: Service): Promise<Neighbour> {
  const username = 'other-sis'
  const created = await createFtpAccount(service.db, service.secret, await team(service, 'other'), { username })
  if (!created.ok) throw new Error('the account was not made')
  const base = `http://${service.addresses.http}`
  const signedIn = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
  const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: base }
  const port = Number(service.addresses.ftp.split(':')[1])
  return { ftp: { port, username, password: created.password }, base, headers, content: Buffer.alloc(10_240, 'x') }
}

async function measure({ ftp, base, headers, content }: Neighbour, times: Times): Promise<void> {
  const timed = async <T>(what: keyof Times, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now()
    const done = await work()
    times[what].push(performance.now() - begun)
    return done
  }
  const ask = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(base + path, { ...init, headers: { ...headers, accept: '*/*' } })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return answer.text()
  }
  for (let time = 0; time < TIMES; time++) {
    const client = await timed('login', () => BenchClient.login(ftp))
    await timed('upload', () => client.store(`/other-${time}.bin`, content))
    client.close()
    await timed('page', () => ask('/teams/other/imports'))
    await timed('import', async () => {
      const given = { method: 'PUT', body: roster(`Law ${times.import.length}`) }
      const { runId } = JSON.parse(await ask('/api/teams/other/manual-import?fileName=students.csv', given))
      for (;;) {
        const run: Run = JSON.parse(await ask(`/api/runs/${runId}`))
        if (isFinished(run.state)) return run
        await setTimeout(5)
      }
    })
  }
}

/** A thousand records, all of which change the contact that the last one left. */
function roster(major: string): string {
  const records = Array.from({ length: 1_000 }, (_, n) => `${n + 1},Ann,Lee,716555${1000 + n},N,${major}`)
  return ['ID,First,Last,Cell,OptOut,Major', ...records, ''].join('\r\n')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

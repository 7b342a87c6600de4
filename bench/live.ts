import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { type ClientRequest, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { forEachWindow } from '../model/daily-windows.ts'
import { EXAMPLE_SETTINGS } from '../test/web/pages/example.ts'
import { SERVICE_FLAGS } from './program.ts'

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const TEAMS = 20
const PAGES_OF_TEAM = 15
const ASKED_PERCENT = 5
/** Linux counts the time of processes in hundredths of a second. */
const TICKS_A_SECOND = 100

/** What open Imports pages cost in the service and in PostgreSQL while nothing happens. */
export async function benchLive({ seconds }: { seconds: number }): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-live-'))
  const ports = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }
  const env = { ...process.env, DATA_DIR: dataDir, ...ports, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const main = join(import.meta.dirname, '../main.js')
  const service = spawn(process.execPath, [...SERVICE_FLAGS, main], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(service, 'exit')
  const streams: ClientRequest[] = []
  try {
    const base = await addressOf(service.stdout)
    await fillTeams(base)
    const before = await share(dataDir, service.pid as number, seconds)
    for (let team = 0; team < TEAMS; team++) {
      const cookie = await signIn(base)
      for (let page = 0; page < PAGES_OF_TEAM; page++)
        streams.push(request(`${base}/teams/team${team}/imports/live`, { headers: { cookie } }))
    }
    await Promise.all(streams.map(opened))
    await sleep(5_000)
    const open = await share(dataDir, service.pid as number, seconds)
    return table(before, open, seconds)
  } finally {
    for (const stream of streams) stream.destroy()
    service.kill('SIGTERM')
    await ended
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output }))
    if (line.includes('"msg":"ready"')) return `http://${JSON.parse(line).http}`
  throw new Error('the service did not start')
}

async function signIn(base: string): Promise<string> {
  const answer = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

async function fillTeams(base: string): Promise<void> {
  const headers = { cookie: await signIn(base), origin: base }
  const call = (method: string, path: string, body: unknown) =>
    fetch(base + path, { method, headers, body: JSON.stringify(body) })
  for (let n = 0; n < TEAMS; n++) {
    const team = `team${n}`
    await call('POST', '/api/teams', { team, name: team, timeZone: 'UTC' })
    const settings = { ...EXAMPLE_SETTINGS, schedule: forEachWindow(false), version: 0 }
    await call('PUT', `/api/teams/${team}/import-settings`, settings)
  }
}

/** Resolves when the stream has begun; what it brings is read and thrown away. */
async function opened(stream: ClientRequest): Promise<void> {
  stream.on('error', () => {})
  stream.end()
  const [response] = await once(stream, 'response')
  if (response.statusCode !== 200) throw new Error(`a live page answered ${response.statusCode}`)
  response.resume()
}

interface Share {
  service: number
  postgres: number
}

/** The percent of a core that service and PostgreSQL take over some seconds. */
async function share(dataDir: string, pid: number, seconds: number): Promise<Share> {
  const ticks = async () => {
    const all = await processes()
    const server = Number((await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8')).split('\n')[0])
    const of = (wanted: (one: ProcessTime) => boolean) => all.filter(wanted).reduce((sum, { ticks }) => sum + ticks, 0)
    return {
      service: of((one) => one.pid === pid),
      postgres: of((one) => one.pid === server || one.parent === server),
    }
  }
  const from = await ticks()
  await sleep(seconds * 1_000)
  const to = await ticks()
  const percent = (ticks: number) => (100 * ticks) / TICKS_A_SECOND / seconds
  return { service: percent(to.service - from.service), postgres: percent(to.postgres - from.postgres) }
}

interface ProcessTime {
  pid: number
  parent: number
  ticks: number
}

/** proc(5): the fields of /proc/PID/stat behind the name, which ends with the last parenthesis. Those who ended count for their parent. */
async function processes(): Promise<ProcessTime[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const read = async (pid: number) => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { pid, parent: Number(fields[1]), ticks }
  }
  return Promise.all(pids.map(read))
}

function table(before: Share, open: Share, seconds: number): string {
  const row = (title: string, { service, postgres }: Share, asked: string) =>
    `| ${title} | ${service.toFixed(1)} | ${postgres.toFixed(1)} | ${(service + postgres).toFixed(1)} | ${asked} |`
  return `${TEAMS} teams with ${PAGES_OF_TEAM} open Imports pages each, ${seconds} seconds in which nothing happens; percent of a core.

| | service | PostgreSQL | both | asked |
|---|---|---|---|---|
${row('no page', before, '')}
${row(`${TEAMS * PAGES_OF_TEAM} pages`, open, `<= ${ASKED_PERCENT}`)}
`
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { readConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import { startService } from '../../start/service.ts'
import { saveSettings } from '../../store/settings.ts'
import { createTeam } from '../../store/teams.ts'
import { EXAMPLE_SETTINGS, exampleFile, putFile } from '../../test/web/pages/example.ts'
import { programBeside } from '../program.ts'

const TEAMS = 20
const PAGES = 300
const ASKED = 5
/** More than a minute, as each page looks anew once a minute. */
const SECONDS = 70
const SETTLE_MS = 5_000
/** Of a clock tick in /proc. */
const TICK_MS = 10
const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }

/** What open Imports pages cost while nothing happens, in the service and in PostgreSQL. */
export async function benchLive(): Promise<string> {
  if (process.platform !== 'linux') return 'Not measured: the processor time of PostgreSQL is read from /proc.\n'
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-live-'))
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const ports = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }
  const service = await startService(readConfig({ DATA_DIR: dataDir, ...ports, ...admin }), createLog('error'))
  try {
    for (let n = 0; n < TEAMS; n++) {
      const slug = `team-${n}`
      const team = await createTeam(service.db, { team: slug, name: `Team ${n}`, timeZone: 'America/New_York' })
      if (!team) throw new Error('the team was not made')
      await saveSettings(service.db, team.id, 0, EXAMPLE_SETTINGS, ADMIN.email)
      await putFile(dataDir, slug, `${EXAMPLE_SETTINGS.file.path}/StudentData_${n}.csv`, exampleFile(100))
    }
    const base = `http://${service.addresses.http}`
    const signedIn = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const measure = async () => {
      await setTimeout(SETTLE_MS)
      const before = await used()
      await setTimeout(SECONDS * 1000)
      const after = await used()
      const share = (ms: number) => ms / (SECONDS * 10)
      return { service: share(after.service - before.service), postgres: share(after.postgres - before.postgres) }
    }
    const none = await measure()
    const paths = Array.from({ length: PAGES }, (_, n) => `/teams/team-${n % TEAMS}/imports/live`)
    const client = spawn(
      process.execPath,
      [...process.execArgv, programBeside('live/client'), JSON.stringify({ base, cookie, paths })],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    await Promise.race([
      once(client.stdout, 'data'),
      once(client, 'exit').then(() => Promise.reject(new Error('the client ended'))),
    ])
    const open = await measure()
    client.kill()
    const row = (title: string, { service, postgres }: typeof none, asked: string) =>
      `| ${title} | ${service.toFixed(1)} | ${postgres.toFixed(1)} | ${(service + postgres).toFixed(1)} | ${asked} |`
    return [
      `Percent of one core over ${SECONDS} s while nothing happens.\n`,
      '| open | service | PostgreSQL | both | asked |',
      '|---|---|---|---|---|',
      row('no page', none, ''),
      row(`${PAGES} Imports pages of ${TEAMS} teams`, open, `<= ${ASKED}`),
      '',
    ].join('\n')
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Processor time until now, in milliseconds. */
async function used(): Promise<{ service: number; postgres: number }> {
  const { user, system } = process.cpuUsage()
  return { service: (user + system) / 1000, postgres: await postgresMs() }
}

/** Of all processes below this one that are PostgreSQL, also of those that have ended. */
async function postgresMs(): Promise<number> {
  const processes = new Map<number, { parent: number; name: string; ticks: number; ended: number }>()
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(stat ?? '') ?? []
    const field = rest.split(' ').map(Number)
    const at = (index: number) => field[index] ?? 0
    if (rest !== '') processes.set(Number(pid), { parent: at(1), name, ticks: at(11) + at(12), ended: at(13) + at(14) })
  }
  const isOurs = (pid: number): boolean => {
    const parent = processes.get(pid)?.parent
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  let ticks = 0
  for (const [pid, one] of processes) if (one.name.includes('postgres') && isOurs(pid)) ticks += one.ticks + one.ended
  return ticks * TICK_MS
}

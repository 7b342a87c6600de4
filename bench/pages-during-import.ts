import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { startService } from '../start/service.ts'
import { saveSettings } from '../store/settings.ts'
import { replaceTeamUsers } from '../store/team-users.ts'
import { createTeam } from '../store/teams.ts'
import { EXAMPLE_SETTINGS } from '../test/web/pages/example.ts'
import { CONTACT_FILE_MAPPING, writeContactFile } from './contact-file.ts'
import type { PageClientWork, PageTimes } from './page-client.ts'
import { programBeside } from './program.ts'

const run = promisify(execFile)

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const ASKED_MS = 200

/** How long pages take while the team imports a file for the first time, then again. */
export async function benchPagesDuringImport({ records }: { records: number }): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-pages-'))
  const addresses = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const service = await startService(readConfig({ DATA_DIR: dataDir, ...addresses, ...admin }), createLog('error'))
  try {
    const team = await createTeam(service.db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
    if (!team) throw new Error('the team was not made')
    const schedule = forEachWindow(false)
    await saveSettings(
      service.db,
      team.id,
      0,
      {
        ...EXAMPLE_SETTINGS,
        ...CONTACT_FILE_MAPPING,
        optOut: { ...CONTACT_FILE_MAPPING.optOut, emptyMeans: 'keep' },
        schedule,
      },
      ADMIN.email,
    )
    // Records with an unknown Staff ID get a remark, and so are compared in full each time.
    const advisors = Array.from({ length: 200 }, (_, n) => ({
      staffId: `adv${n}`,
      name: 'Advisor',
      email: ADMIN.email,
    }))
    await replaceTeamUsers(service.db, team.id, advisors)
    const base = `http://${service.addresses.http}`
    const signedIn = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
    const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: base }
    const path = join(dataDir, 'students.csv')
    await writeContactFile(path, { records })
    const rows = [
      '| import | page | requests | median ms | 99th percentile ms | longest ms | asked |',
      '|---|---|---|---|---|---|---|',
    ]
    for (const title of ['first', 'again']) {
      const { times, seconds, loopMs } = await askWhileImporting(base, headers, path)
      rows.push(
        `| ${title}, ${seconds.toFixed(1)} s | all | ${figures(Object.values(times).flat())} | <= ${ASKED_MS} |`,
      )
      for (const [page, those] of Object.entries(times)) rows.push(`| | ${page} | ${figures(those)} | |`)
      rows.push(`| | delay of the event loop | | | ${loopMs.p99.toFixed(1)} | ${loopMs.longest.toFixed(1)} | |`)
    }
    return `${records.toLocaleString('en-US')} records; the pages in turn, one at a time, from the request to the last byte, with the client in a process of its own.\n\n${rows.join('\n')}\n`
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function figures(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  return [sorted.length, at(0.5), at(0.99), at(1)].join(' | ')
}

interface Asked {
  times: PageTimes
  seconds: number
  loopMs: { p99: number; longest: number }
}

async function askWhileImporting(base: string, headers: Record<string, string>, file: string): Promise<Asked> {
  const given = `${base}/api/teams/admissions/manual-import?fileName=students.csv`
  const started = await fetch(given, { method: 'PUT', headers, body: await openAsBlob(file) })
  if (started.status !== 202) throw new Error(`the import was answered ${started.status}`)
  const { runId } = (await started.json()) as { runId: string }
  const begun = performance.now()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const pages = {
    overview: '/?all=1',
    imports: '/teams/admissions/imports',
    run: `/teams/admissions/runs/${runId}`,
    contacts: '/teams/admissions/contacts',
    'contacts that begin with "lee"': '/teams/admissions/contacts?search=lee',
    'contacts of the API': '/api/teams/admissions/contacts?search=lee',
  }
  const work: PageClientWork = { base, headers, pages, runId }
  const { stdout } = await run(
    process.execPath,
    [...process.execArgv, programBeside('page-client'), JSON.stringify(work)],
    { maxBuffer: 2 ** 26 },
  )
  delay.disable()
  const seconds = (performance.now() - begun) / 1000
  return { times: JSON.parse(stdout), seconds, loopMs: { p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 } }
}

import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { startService } from '../main.ts'
import { isFinished, type Run } from '../model/run.ts'
import { saveSettings } from '../store/settings.ts'
import { createTeam } from '../store/teams.ts'
import { EXAMPLE_SETTINGS } from '../test/pages/example.ts'
import { CONTACT_FILE_MAPPING, writeContactFile } from './contact-file.ts'

const ADMIN = { email: 'dana@example.edu', password: 'correct horse battery' }
const ASKED_MS = 200
/** Between two requests: a person who reloads without end. */
const PAUSE_MS = 10

/** How long pages take while the team imports a file for the first time, then again. */
export async function benchPagesDuringImport({ records }: { records: number }): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-pages-'))
  const addresses = { HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '' }
  const admin = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password }
  const service = await startService(readConfig({ DATA_DIR: dataDir, ...addresses, ...admin }), createLog('error'))
  try {
    const team = await createTeam(service.db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
    if (!team) throw new Error('the team was not made')
    const schedule = { overnight: false, morning: false, afternoon: false, evening: false }
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
    const base = `http://${service.addresses.http}`
    const signedIn = await fetch(`${base}/api/session`, { method: 'POST', body: JSON.stringify(ADMIN) })
    const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: base }
    const path = join(dataDir, 'students.csv')
    await writeContactFile(path, { records })
    const rows = [
      '| import | s | requests | median ms | 99th percentile ms | longest ms | asked |',
      '|---|---|---|---|---|---|---|',
    ]
    for (const title of ['first', 'again']) {
      const { times, seconds } = await askWhileImporting(base, headers, path)
      times.sort((a, b) => a - b)
      const at = (share: number) =>
        (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1)
      rows.push(
        `| ${[title, seconds.toFixed(1), times.length, at(0.5), at(0.99), at(1)].join(' | ')} | <= ${ASKED_MS} |`,
      )
    }
    return `${records.toLocaleString('en-US')} records; overview, imports, run, contacts and the contacts API in turn, ${PAUSE_MS} ms apart, from the request to the last byte, with the client in the same process.\n\n${rows.join('\n')}\n`
  } finally {
    await service.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function askWhileImporting(
  base: string,
  headers: Record<string, string>,
  file: string,
): Promise<{ times: number[]; seconds: number }> {
  const times: number[] = []
  const ask = async (path: string) => {
    const asked = performance.now()
    const answer = await fetch(base + path, {
      headers: { ...headers, accept: path.startsWith('/api') ? '*/*' : 'text/html' },
    })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`)
    times.push(performance.now() - asked)
    return text
  }
  const given = `${base}/api/teams/admissions/manual-import?fileName=students.csv`
  const started = await fetch(given, { method: 'PUT', headers, body: await openAsBlob(file) })
  if (started.status !== 202) throw new Error(`the import was answered ${started.status}`)
  const { runId } = (await started.json()) as { runId: string }
  const begun = performance.now()
  const paths = ['/', '/teams/admissions/imports', `/teams/admissions/runs/${runId}`, '/teams/admissions/contacts']
  for (;;) {
    for (const path of [...paths, '/api/teams/admissions/contacts?search=lee']) {
      await ask(path)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    const run = JSON.parse(await ask(`/api/runs/${runId}`)) as Run
    if (!isFinished(run.state)) continue
    if (!run.state.startsWith('imported')) throw new Error(`the run ended as ${run.state}`)
    return { times, seconds: (performance.now() - begun) / 1000 }
  }
}

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'basic-ftp'
import { startFromEnvironment } from '../main.ts'
import type { ImportSettingsBody } from '../model/import-settings.ts'
import type { Batch, Run } from '../model/run.ts'
import { isFinished } from '../model/run.ts'
import { firstOwner } from '../store/people/administrators.ts'
import { createToken } from '../store/people/tokens.ts'
import type { Database } from '../store/postgres/database.ts'
import { newSecret, secretHash } from '../web/http/session-cookie.ts'
import { DemoApi } from './demo-api.ts'

/**
 * The main job in one go: a team with an FTP account and settings, a file uploaded by a real FTPS client, Run Import over
 * HTTP, and its recap. Afterwards the service stays up. A second start finds what the first one left.
 */

const TEAM = 'admissions'
const FTP_USER = 'admissions-sis'
const SAMPLE = new URL(import.meta.url.includes('/dist/') ? '../../demo/sample/' : './sample/', import.meta.url)
const FOLDER = '/cadence/imports'

const SETTINGS: ImportSettingsBody = JSON.parse(await readFile(new URL('import-settings.json', SAMPLE), 'utf8'))

/** One advisor of the sample, s99, is no user: the recap remarks on it. */
const USERS = [
  { staffId: 's12', name: 'Dana Cole', email: 'dana.cole@example.edu' },
  { staffId: 's31', name: 'Ravi Shah', email: 'ravi.shah@example.edu' },
  { staffId: 's77', name: 'Inga Berg', email: 'inga.berg@example.edu' },
]

const say = (line = '') => process.stdout.write(`${line}\n`)

async function demo(): Promise<void> {
  const service = await startFromEnvironment({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' })
  if (!service) return
  const { http, ftp } = service.addresses
  if (!http || !ftp) throw new Error('the demo needs HTTP and FTP')
  const api = new DemoApi(`http://${http}`, await demoToken(service.db))
  say('1. The service is up, with an embedded PostgreSQL.')

  await api.makeTeam({ team: TEAM, name: 'Admissions', timeZone: 'America/New_York' })
  await api.saveSettings(TEAM, SETTINGS)
  await api.saveUsers(TEAM, USERS)
  const password = await api.ftpPassword(TEAM, FTP_USER)
  say(`2. The team "${TEAM}" has an FTP account and import settings.`)

  const reply = await upload(ftp, password)
  say(`3. StudentData.csv was uploaded over FTPS to ${FOLDER}. The server said: ${reply}`)

  const { runId } = await api.runImport(TEAM)
  say('4. Run Import was pressed.')
  const run = await watch(api, runId)
  for (const batch of run.batches) await tell(api, batch)

  say()
  say('The service stays up until you press Ctrl+C. Try a client of your own:')
  say(`  Admin pages  http://${http}`)
  say(
    service.firstPassword
      ? `  Sign in as   ${service.adminEmail}, one-time password ${service.firstPassword}`
      : `  Sign in as   ${service.adminEmail}, with the password that was printed at the first start`,
  )
  say(`  FTP          ftp://${ftp} with explicit TLS (a self-signed certificate), passive mode`)
  if (service.addresses.sftp) say(`  SFTP         sftp://${FTP_USER}@${service.addresses.sftp}`)
  say(`  FTP login    ${FTP_USER} / ${password}`)
  say(
    `  For example  curl -k --ssl-reqd -T demo/sample/StudentData.csv 'ftp://${FTP_USER}:${password}@${ftp}${FOLDER}/'`,
  )
}

/** A token of the first administrator, as one would be made on the settings page; the password itself is not known at a second start. */
async function demoToken(db: Database): Promise<string> {
  const owner = await firstOwner(db)
  const token = newSecret()
  await createToken(db, {
    name: 'demo',
    tokenHash: secretHash(token),
    teamId: null,
    access: 'full',
    administratorId: owner.id,
  })
  return token
}

/** Uploads the sample as a SIS would; answers what the server said of the file. */
async function upload(address: string, password: string): Promise<string> {
  const [host = '', port] = splitAddress(address)
  const client = new Client()
  try {
    await client.access({
      host,
      port,
      user: FTP_USER,
      password,
      secure: true,
      // The certificate was made a moment ago by the service itself.
      secureOptions: { rejectUnauthorized: false },
    })
    await client.ensureDir(FOLDER)
    const { message } = await client.uploadFrom(
      fileURLToPath(new URL('StudentData.csv', SAMPLE)),
      `${FOLDER}/StudentData.csv`,
    )
    await client.send('QUIT')
    return message
  } finally {
    client.close()
  }
}

function splitAddress(address: string): [host: string, port: number] {
  const colon = address.lastIndexOf(':')
  return [address.slice(0, colon), Number(address.slice(colon + 1))]
}

/** Prints each state of the run as it is reached. */
async function watch(api: DemoApi, runId: string): Promise<Run> {
  let shown = ''
  for (;;) {
    const run = await api.run(runId)
    const progress = run.batches.map((batch) => `${batch.fileName} ${batch.state}`).join(', ')
    const line = `   run ${run.number} ${run.state}${progress && `: ${progress}`}`
    if (line !== shown) say(line)
    shown = line
    const mailed = run.batches.every((batch) => batch.recap?.state !== 'waiting' && batch.recap?.state !== 'queued')
    if (isFinished(run.state) && mailed) return run
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function tell(api: DemoApi, batch: Batch): Promise<void> {
  const { counts } = batch
  say()
  say(`5. The recap: ${counts.imported} of ${counts.records} imported`)
  say(
    `   ${counts.records} records = ${counts.created} created + ${counts.updated} updated + ${counts.unchanged} unchanged + ${counts.rejected} rejected + ${counts.superseded} superseded`,
  )
  for (const [code, count] of Object.entries(batch.warnings)) say(`   ${code}: ${count}`)
  say(
    `   The file is now ${batch.afterImport?.path ?? 'where it was'}; the recap was ${batch.recap?.state ?? 'not asked for'}.`,
  )
  if (batch.problem) say(`   ${batch.problem.message}`)
  if (counts.rejected > 0) {
    say('   The error file begins:')
    for (const line of (await api.errorFile(batch.id)).split('\r\n').slice(0, 5)) say(`     ${line}`)
  }
}

await demo()

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'basic-ftp'
import type { ImportSettingsBody } from '../model/import-settings.ts'
import type { Batch, Run } from '../model/run.ts'
import { isFinished } from '../model/run.ts'
import { runService } from '../start/run-service.ts'
import type { Service } from '../start/service.ts'
import { type Administrator, firstOwner } from '../store/people/administrators.ts'
import { createToken, removeToken } from '../store/people/tokens.ts'
import type { Database } from '../store/postgres/database.ts'
import { newSecret, secretHash } from '../web/http/sessions/session-cookie.ts'
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
  let shown: string | null = null
  const service = await runService({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' }, (_, password) => {
    shown = password
  })
  if (!service) return
  const { addresses, dataDir, outbox } = service
  const { http } = addresses
  const ftp = reachable(addresses.ftp)
  const owner = await firstOwner(service.db)
  const token = await demoToken(service.db, owner)
  const api = new DemoApi(`http://${http}`, token.secret)
  say('1. The service is up, with an embedded PostgreSQL.')

  const made = await api.makeTeam({ team: TEAM, name: 'Admissions', timeZone: 'America/New_York' })
  await api.saveSettings(TEAM, SETTINGS)
  await api.saveUsers(TEAM, USERS)
  const password = await api.ftpPassword(TEAM, FTP_USER)
  say(
    `2. The team "${TEAM}" has an FTP account and import settings${made ? '.' : `; it is in ${dataDir} since an earlier start.`}`,
  )

  const reply = await upload(ftp, password, service.certificateFile)
  say(`3. StudentData.csv was uploaded over FTPS to ${FOLDER}. The server said: ${reply}`)

  const { runId } = await api.runImport(TEAM)
  say('4. Run Import was pressed.')
  const run = await watch(api, runId)
  for (const batch of run.batches) await tell(api, batch, outbox)
  await removeToken(service.db, owner.id, token.id)

  say()
  say('The service stays up until you press Ctrl+C. Try a client of your own:')
  say(`  Admin pages  http://${http}`)
  say(
    shown
      ? `  Sign in as   ${owner.email}, one-time password ${shown} (you choose your own at the first sign-in)`
      : `  Sign in as   ${owner.email}, with the password that you chose`,
  )
  say(`  FTP          ftp://${ftp} with explicit TLS, passive mode`)
  if (service.certificateFile) say(`  Trust        ${service.certificateFile}, the certificate that the service made`)
  if (addresses.sftp) say(`  SFTP         sftp://${FTP_USER}@${addresses.sftp}`)
  say(`  FTP login    ${FTP_USER} / ${password} (new at each start of the demo)`)
  const trust = service.certificateFile ? ` --cacert '${service.certificateFile}'` : ''
  say(
    `  For example  curl --ssl-reqd${trust} -T demo/sample/StudentData.csv 'ftp://${FTP_USER}:${password}@${ftp}${FOLDER}/'`,
  )
  say()
  say(`All data is in ${dataDir}; the next start goes on with it. To begin anew, stop the demo and remove that folder.`)
}

/** A token of the first administrator for as long as the demo works: the one-time password opens nothing but the form for another. */
async function demoToken(db: Database, owner: Administrator): Promise<{ id: string; secret: string }> {
  const secret = newSecret()
  const id = await createToken(db, {
    name: 'demo',
    tokenHash: secretHash(secret),
    teamId: null,
    access: 'full',
    administratorId: owner.id,
  })
  return { id, secret }
}

/** Uploads the sample as a SIS would; answers what the server said of the file. */
async function upload(address: string, password: string, certificateFile: string | null): Promise<string> {
  const [host = '', port] = splitAddress(address)
  const client = new Client()
  try {
    await client.access({
      host,
      port,
      user: FTP_USER,
      password,
      secure: true,
      // A certificate of the operator names the outside, not this machine.
      secureOptions: certificateFile ? { ca: await readFile(certificateFile) } : { rejectUnauthorized: false },
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

/** Where a service that listens on every address is found on its own machine. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '127.0.0.1:')
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

async function tell(api: DemoApi, batch: Batch, outbox: Service['outbox']): Promise<void> {
  const { counts } = batch
  say()
  say(`5. The recap: ${counts.imported} of ${counts.records} imported`)
  say(
    `   ${counts.records} records = ${counts.created} created + ${counts.updated} updated + ${counts.unchanged} unchanged + ${counts.rejected} rejected + ${counts.superseded} superseded`,
  )
  for (const [code, count] of Object.entries(batch.warnings)) say(`   ${code}: ${count}`)
  say(`   The file is now ${batch.afterImport?.path ?? 'where it was'}.`)
  say(`   ${await whereTheRecapIs(batch, outbox)}`)
  if (batch.problem) say(`   ${batch.problem.message}`)
  if (counts.rejected > 0) {
    say('   The error file begins:')
    for (const line of (await api.errorFile(batch.id)).split('\r\n').slice(0, 5)) say(`     ${line}`)
  }
}

async function whereTheRecapIs({ recap }: Batch, outbox: Service['outbox']): Promise<string> {
  if (!recap) return 'No recap was asked for.'
  if (recap.state !== 'sent') return `The recap is ${recap.state}.`
  if (!outbox) return 'The recap was sent by e-mail.'
  const newest =
    (await readdir(outbox))
      .filter((name) => name.endsWith('.eml'))
      .sort()
      .at(-1) ?? '*.eml'
  return `No mail server is set (SMTP_URL), so the recap was written to ${join(outbox, newest)}`
}

await demo()

import { diskFileArea } from '../files/disk-file-area.ts'
import { importBatch } from '../ingest/batch.ts'
import { checkFile } from '../ingest/check-file.ts'
import { createLog } from '../log.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { importSettings } from '../model/import-settings.ts'
import { teamPath } from '../model/team-path.ts'
import { connectEmbeddedPostgres } from '../start/embedded-postgres.ts'
import { undoContacts } from '../store/contacts/history/undo-contacts.ts'
import { learnSize } from '../store/contacts/planning/statistics.ts'
import { inTransaction, openDatabase } from '../store/postgres/database.ts'
import { finishImported } from '../store/runs/batches.ts'
import { teamById } from '../store/teams.ts'
import { beginBatch } from './begin-batch.ts'

/** Printed by the program: seconds of each step that ended in time, and the peak of the process. */
export interface RepeatsMeasures {
  seconds: number[]
  megabytes: number
}

/** Checks and imports the first file, then the second, and undoes both; a process of its own, so that its memory is theirs. */
const [folder = '', first = '', second = '', limitSeconds = ''] = process.argv.slice(2)

const address = await connectEmbeddedPostgres(folder)
if (!address) throw new Error(`no PostgreSQL runs on ${folder}`)
const { db, pool, close } = openDatabase(address, createLog('warn'), { size: 4, secret: Buffer.alloc(32) })
const team = await teamById(db, 1)
if (!team) throw new Error('there is no team 1')
const settings = importSettings.parse({
  version: 1,
  file: { path: '/', namePrefix: '', select: 'most_recent', delimiter: 'comma', afterImport: { action: 'delete' } },
  schedule: forEachWindow(false),
  notificationEmails: '',
  fields: { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null },
})
const area = diskFileArea(folder)
const signal = AbortSignal.timeout(Number(limitSeconds) * 1000)
const work = { team, settings, signal, progress: () => {} }

async function check(name: string): Promise<void> {
  const content = await area.open(teamPath(`/${name}`))
  await checkFile(pool, content, work).finally(() => content.close())
}

const batches: string[] = []

async function importOne(name: string): Promise<void> {
  const batch = await beginBatch(db, 1, name)
  const content = await area.open(teamPath(`/${name}`))
  await learnSize(pool)
  await inTransaction(
    pool,
    async (client, tx) => {
      await finishImported(tx, batch.id, await importBatch(client, tx, content, { ...work, batch }))
    },
    signal,
  ).finally(() => content.close())
  batches.push(batch.id)
}

async function undoLast(): Promise<void> {
  await inTransaction(pool, (_, tx) => undoContacts(tx, 1, batches.pop() as string), signal)
}

const seconds: number[] = []
try {
  for (const step of [
    () => check(first),
    () => importOne(first),
    () => check(second),
    () => importOne(second),
    undoLast,
    undoLast,
  ]) {
    const begun = performance.now()
    await step()
    seconds.push((performance.now() - begun) / 1000)
  }
} catch (error) {
  if (!signal.aborted) throw error
}
await close()
const measured: RepeatsMeasures = { seconds, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }
process.stdout.write(JSON.stringify(measured))
process.exit()

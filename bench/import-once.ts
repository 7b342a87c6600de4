import { monitorEventLoopDelay } from 'node:perf_hooks'
import { diskFileArea } from '../files/disk-file-area.ts'
import { importBatch } from '../ingest/batch.ts'
import { createLog } from '../log.ts'
import type { WarningCounts } from '../model/codes.ts'
import { forEachWindow } from '../model/daily-windows.ts'
import { importSettings } from '../model/import-settings.ts'
import type { BatchCounts, BatchProgress } from '../model/run.ts'
import { teamPath } from '../model/team-path.ts'
import { connectEmbeddedPostgres } from '../start/embedded-postgres.ts'
import { inTransaction, openDatabase } from '../store/postgres/database.ts'
import { finishImported } from '../store/runs/batches.ts'
import { teamById } from '../store/teams.ts'
import { beginBatch } from './begin-batch.ts'
import { CONTACT_FILE_MAPPING } from './contact-file.ts'

/** Printed by the program. */
export interface ImportMeasures {
  seconds: number
  /** The peak of the whole process. */
  megabytes: number
  /** The peak while each quarter of the file was read. */
  quarters: number[]
  cpu: number
  delayMs: number
  counts: BatchCounts
  warnings: WarningCounts
}

/** Imports one file for a team and prints what it took; a process of its own, so that its memory is the import's. */
const [folder = '', name = '', teamId = ''] = process.argv.slice(2)

const address = await connectEmbeddedPostgres(folder)
if (!address) throw new Error(`no PostgreSQL runs on ${folder}`)
const { db, pool, close } = openDatabase(address, createLog('warn'), { size: 4, secret: Buffer.alloc(32) })
const team = await teamById(db, Number(teamId))
if (!team) throw new Error(`there is no team ${teamId}`)
const settings = importSettings.parse({
  version: 1,
  file: { path: '/', namePrefix: '', select: 'most_recent', delimiter: 'comma', afterImport: { action: 'delete' } },
  schedule: forEachWindow(false),
  notificationEmails: '',
  ...CONTACT_FILE_MAPPING,
})
const batch = await beginBatch(db, team.id, name)
const content = await diskFileArea(folder).open(teamPath(`/${name}`))
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
/** Of the whole process, by the quarter of the file that was being read. */
const peaks = [0, 0, 0, 0]
let bytesRead = 0
const watch = setInterval(() => {
  const quarter = Math.min(3, Math.floor((4 * bytesRead) / content.entry.bytes))
  peaks[quarter] = Math.max(peaks[quarter] as number, process.memoryUsage.rss())
}, 20)
const { signal } = new AbortController()
const begun = performance.now()
const { counts, warnings } = await inTransaction(pool, async (client, tx) => {
  const progress = (now: BatchProgress) => {
    bytesRead = now.bytesRead
  }
  const result = await importBatch(client, tx, content, { batch, team, settings, signal, progress })
  await finishImported(tx, batch.id, result)
  return result
})
const seconds = (performance.now() - begun) / 1000
clearInterval(watch)
await content.close()
await close()
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
const measured: ImportMeasures = {
  seconds,
  megabytes: Math.round(maxRSS / 1024),
  quarters: peaks.map((bytes) => Math.round(bytes / 2 ** 20)),
  cpu: (userCPUTime + systemCPUTime) / 1e6,
  delayMs: delay.percentile(99) / 1e6,
  counts,
  warnings,
}
process.stdout.write(JSON.stringify(measured))

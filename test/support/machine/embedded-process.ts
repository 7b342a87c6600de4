import { createLog } from '../../../log.ts'
import { startEmbeddedPostgres } from '../../../start/embedded-postgres.ts'

/** The part of the service that owns an embedded PostgreSQL, as a program: `embedded-process.ts DATA_DIR`. */
const postgres = await startEmbeddedPostgres(process.argv[2] as string, createLog('info')).catch((error: Error) => {
  process.stderr.write(`${error.name}: ${error.message}\n`)
  process.exit(1)
})
// Stays until it is ended.
const staying = setInterval(() => {}, 2 ** 30)
process.once('SIGTERM', async () => {
  await postgres.stop()
  clearInterval(staying)
})
process.stdout.write('ready\n')

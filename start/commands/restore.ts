import { resolve } from 'node:path'
import { EXIT_CONFIGURATION } from '../../config.ts'
import { readArchive } from '../../files/backup/archive.ts'
import { requireEmpty } from '../../files/backup/put-back.ts'
import { createLog } from '../../log.ts'
import { restoreInto } from '../backup/restore-into.ts'
import { configurationOf } from '../configuration.ts'
import { openEmpty } from '../open-existing.ts'
import type { Command } from './command.ts'

export const restore: Command = {
  takes: 'FOLDER',
  does: 'puts a backup into an empty DATA_DIR and an empty database, before the service is started there',
  operands: 1,
  options: {},
  async run({ env, operands: [folder = ''] }) {
    const config = configurationOf(env)
    if (!config) return EXIT_CONFIGURATION
    const source = resolve(folder)
    const contents = await readArchive(source)
    await requireEmpty(config.DATA_DIR)
    const log = createLog('warn', process.stderr)
    const database = await openEmpty(
      config,
      log,
      contents.tables.map(({ name }) => name),
    )
    const parts = { database, dataDir: config.DATA_DIR, folder: source, log }
    await restoreInto(parts, contents).finally(() => database.close())
    process.stdout.write(
      `Restored the backup of ${contents.madeAt}: ${contents.tables.length} tables and ${contents.files.length} files. Start the service now.\n`,
    )
    return 0
  },
}

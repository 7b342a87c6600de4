import { resolve } from 'node:path'
import { EXIT_CONFIGURATION } from '../../config.ts'
import { createLog } from '../../log.ts'
import { backUp } from '../backup/back-up.ts'
import { configurationOf } from '../configuration.ts'
import { openExisting } from '../open-existing.ts'
import type { Command } from './command.ts'

export const backup: Command = {
  takes: 'FOLDER',
  does: 'writes the database and the files of DATA_DIR into a new folder, while the service runs or is stopped',
  operands: 1,
  options: {},
  async run({ env, operands: [folder = ''] }) {
    const config = configurationOf(env)
    if (!config) return EXIT_CONFIGURATION
    const database = await openExisting(config, createLog('warn', process.stderr))
    const target = resolve(folder)
    const parts = { database, dataDir: config.DATA_DIR, folder: target, now: new Date() }
    const { tables, files } = await backUp(parts).finally(() => database.close())
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    process.stdout.write(`Backed up to ${target}: ${rows} rows of ${tables.length} tables and ${files.length} files.\n`)
    return 0
  },
}

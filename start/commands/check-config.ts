import { configurationWarnings, EXIT_CONFIGURATION } from '../../config.ts'
import { configurationOf } from '../configuration.ts'
import type { Command } from './command.ts'

export const checkConfig: Command = {
  takes: '',
  does: `prints every fault of the environment and of the files that it names; exit code 0 or ${EXIT_CONFIGURATION}`,
  operands: 0,
  options: {},
  async run({ env }) {
    if (!configurationOf(env)) return EXIT_CONFIGURATION
    for (const warning of configurationWarnings(env)) process.stdout.write(`${warning}\n`)
    process.stdout.write('The configuration has no faults.\n')
    return 0
  },
}

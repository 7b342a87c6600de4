import { runService } from '../run-service.ts'
import type { Command } from './command.ts'

export const serve: Command = {
  takes: '',
  does: 'runs the service (the default)',
  operands: 0,
  options: {},
  async run({ env }) {
    await runService(env)
    return null
  },
}

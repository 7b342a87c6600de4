import { configurationWarnings, EXIT_CONFIGURATION } from '../config.ts'
import { createLog } from '../log.ts'
import { configurationOf } from './configuration.ts'
import { printPassword, type ShowPassword } from './first-password.ts'
import { isExplained } from './problems.ts'
import { type Service, startService } from './service.ts'
import { stopOnSignal } from './stop-on-signal.ts'

/**
 * Starts the service as the environment says and ends it on SIGTERM or SIGINT. Answers null when it could not be started:
 * then the reason has been said and the exit code is set.
 */
export async function runService(
  env: NodeJS.ProcessEnv,
  showPassword: ShowPassword = printPassword,
): Promise<Service | null> {
  const config = configurationOf(env)
  if (!config) {
    process.exitCode = EXIT_CONFIGURATION
    return null
  }
  const log = createLog(config.LOG_LEVEL)
  for (const warning of configurationWarnings(env)) log.warn(warning)
  // Files hold personal data: what is made from here on is for the service and its group alone.
  process.umask(process.umask() | 0o027)
  const starting = startService(config, log, undefined, showPassword)
  stopOnSignal(starting, log)
  try {
    return await starting
  } catch (error) {
    if (isExplained(error)) process.stderr.write(`${error.message}\n`)
    else log.fatal({ err: error }, 'the service could not be started')
    process.exitCode = 1
    return null
  }
}

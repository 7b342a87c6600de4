import { type Config, ConfigurationProblem, readConfig } from '../config.ts'

/** The configuration; null where it has faults, which are then printed. The exit code is `EXIT_CONFIGURATION`. */
export function configurationOf(env: NodeJS.ProcessEnv): Config | null {
  try {
    return readConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigurationProblem)) throw error
    process.stderr.write(`${error.message}\n`)
    return null
  }
}

import { type Config, ConfigurationProblem, configurationWarnings, readConfig } from '../config.ts'

/** The configuration; null where it has faults, which are then printed after the warnings. The exit code is `EXIT_CONFIGURATION`. */
export function configurationOf(env: NodeJS.ProcessEnv): Config | null {
  try {
    return readConfig(env)
  } catch (error) {
    if (!(error instanceof ConfigurationProblem)) throw error
    for (const line of [...configurationWarnings(env), error.message]) process.stderr.write(`${line}\n`)
    return null
  }
}

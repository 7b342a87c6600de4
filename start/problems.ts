import { TlsFilesProblem } from '../files/tls-files.ts'
import { EmbeddedPostgresProblem } from '../store/postgres/embedded/problem.ts'
import { SchemaProblem } from '../store/postgres/migrate.ts'

/** A part could not be started because of the machine around it; the message says what to do. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}

/** The database refuses, or cannot be reached. `logFile` is that of the embedded PostgreSQL, where that one is used. */
export function databaseProblem(cause: unknown, logFile: string | null): StartProblem {
  const reason = (cause as Error).message
  return new StartProblem(
    logFile
      ? `The embedded PostgreSQL cannot be used (${reason}): look into its log, ${logFile}, mend the cause and start again.`
      : `The database at DATABASE_URL cannot be used (${reason}): check that PostgreSQL runs there and that the user and password are right.`,
    { cause },
  )
}

const LISTEN_FAULTS: Record<string, string> = {
  EADDRINUSE: 'another program listens there; stop it, or choose another port',
  EACCES: 'this user may not listen there; choose a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address',
}

/** `variable` is what the operator has to change. */
export function explainListen(variable: string): (error: NodeJS.ErrnoException & { port?: number }) => never {
  return (error) => {
    const fault = error.code && LISTEN_FAULTS[error.code]
    if (!fault) throw error
    throw new StartProblem(`${variable}: port ${error.port ?? ''} cannot be listened on: ${fault}.`, { cause: error })
  }
}

/** Faults whose message is all that an operator needs. */
export function isExplained(error: unknown): error is Error {
  return [StartProblem, SchemaProblem, EmbeddedPostgresProblem, TlsFilesProblem].some((kind) => error instanceof kind)
}

import { BackupProblem } from '../files/backup/archive.ts'
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
}

/** Where a part is to listen, and the variables that say so. */
export interface ListenPlace {
  host: string
  hostVariable: string
  portVariable: string
}

export function explainListen({
  host,
  hostVariable,
  portVariable,
}: ListenPlace): (error: NodeJS.ErrnoException & { port?: number }) => never {
  return (cause) => {
    if (cause.code === 'EADDRNOTAVAIL')
      throw new StartProblem(`${hostVariable}: this machine has no address ${host}.`, { cause })
    const fault = cause.code && LISTEN_FAULTS[cause.code]
    if (!fault) throw cause
    throw new StartProblem(`${portVariable}: port ${cause.port ?? ''} cannot be listened on: ${fault}.`, { cause })
  }
}

/** Faults whose message is all that an operator needs. */
export function isExplained(error: unknown): error is Error {
  return [BackupProblem, StartProblem, SchemaProblem, EmbeddedPostgresProblem, TlsFilesProblem].some(
    (kind) => error instanceof kind,
  )
}

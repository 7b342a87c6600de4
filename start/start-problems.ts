import { mkdir, readFile } from 'node:fs/promises'
import { EmbeddedPostgresProblem } from '../store/postgres/embedded-postgres.ts'
import { SchemaProblem } from '../store/postgres/migrate.ts'

/** A part could not be started because of the machine around it; the message says what to do. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}

/** The PEM files of the pages, where the service speaks TLS itself. */
export async function httpTls(cert?: string, key?: string): Promise<{ cert: string; key: string } | null> {
  if (!cert || !key) return null
  try {
    return { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') }
  } catch (error) {
    throw new StartProblem(`HTTP_TLS_CERT or HTTP_TLS_KEY cannot be read: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}

export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new StartProblem(
      `The folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code}): set DATA_DIR to a folder that this user can write to.`,
      { cause: error },
    )
  }
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
  return error instanceof StartProblem || error instanceof SchemaProblem || error instanceof EmbeddedPostgresProblem
}

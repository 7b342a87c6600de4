import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keptFile } from '../files/keys.ts'
import type { Log } from '../log.ts'
import type { DatabaseAddress } from '../store/postgres/database.ts'
import { type Cluster, clusterAt } from '../store/postgres/embedded/cluster.ts'
import { findServer, ownServer } from '../store/postgres/embedded/owned-server.ts'
import { EmbeddedPostgresProblem } from '../store/postgres/embedded/problem.ts'
import { newerReleaseExists, RELEASE } from '../store/postgres/embedded/release.ts'

/** Where the embedded PostgreSQL is reached. */
export type EmbeddedAddress = Extract<DatabaseAddress, { socketFolder: string }>

export interface EmbeddedPostgres {
  readonly address: EmbeddedAddress
  readonly logFile: string
  /** Ends the server in good order: sessions are ended, what was committed is on the disk. */
  stop(): Promise<void>
}

const PASSWORD_FILE = 'postgres-password'
const PASSWORD_BYTES = 32

/**
 * Starts the PostgreSQL below `dataDir`, making it at the first start; joins the server that an earlier process left running
 * when it was killed. It listens on a Unix socket alone and asks for a password. One process at a time may do so: it owns the
 * server, and starts it again if it ends.
 */
export async function startEmbeddedPostgres(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const begun = Date.now()
  const kept = await keptFile(join(dataDir, 'keys'), PASSWORD_FILE, async () =>
    Buffer.from(randomBytes(PASSWORD_BYTES).toString('hex')),
  )
  const cluster = clusterOf(dataDir, kept)
  const server = await ownServer(cluster, log)
  log.debug({ ms: Date.now() - begun, joined: server.joined }, 'embedded PostgreSQL runs')
  log.info(
    { version: server.version, released: RELEASE.date },
    `embedded PostgreSQL ${server.version}${newerReleaseExists(new Date()) ? ', of which newer releases with fixes exist' : ''}: for trials and small installations; for production set DATABASE_URL`,
  )
  return {
    address: addressOf(cluster, server.socketFolder),
    logFile: cluster.logFile,
    stop: () => server.stop(),
  }
}

/** The embedded PostgreSQL of a service that runs on `dataDir`, for another process of the same user; null where none runs. */
export async function connectEmbeddedPostgres(dataDir: string): Promise<EmbeddedAddress | null> {
  const kept = await readFile(join(dataDir, 'keys', PASSWORD_FILE)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (kept === null) return null
  const cluster = clusterOf(dataDir, kept)
  const socketFolder = await findServer(cluster)
  return socketFolder === null ? null : addressOf(cluster, socketFolder)
}

function clusterOf(dataDir: string, kept: Buffer): Cluster {
  const password = kept.toString('utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(password))
    throw new EmbeddedPostgresProblem(
      `The file ${join(dataDir, 'keys', PASSWORD_FILE)} is damaged: remove it, and the next start makes a new password.`,
    )
  return clusterAt(join(dataDir, 'postgres'), password)
}

function addressOf({ password }: Cluster, socketFolder: string): EmbeddedAddress {
  return { socketFolder, database: 'postgres', password }
}

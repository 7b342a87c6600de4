import pg from 'pg'
import { errorParts } from '../database-errors.ts'
import type { Cluster } from './cluster.ts'
import { identityOf } from './folder-identity.ts'
import { isPrivateFolder, PORT } from './socket-folder.ts'

/** `unusable`: it is not ours, or no longer reachable. */
export type Answer = 'ours' | 'not yet' | 'wrong password' | 'no room' | 'unusable'

/** A server that is frozen accepts connections and says nothing. */
const ANSWER_WITHIN_MS = 2_000
const DISK_FULL = '53100'

export function clientFor({ password }: Cluster, socketFolder: string): pg.Client {
  const client = new pg.Client({
    host: socketFolder,
    port: PORT,
    user: 'postgres',
    database: 'postgres',
    password,
    ssl: false,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    application_name: 'rosterport embedded',
  })
  // Its end is heard of by `end`, and a query that it breaks fails.
  client.on('error', () => {})
  return client
}

/** Connects with the password, as the service will, and checks which data it serves. */
export async function ask(cluster: Cluster, socketFolder: string | null): Promise<Answer> {
  if (socketFolder === null) return 'not yet'
  // In a folder that others can write to, the socket may be theirs.
  if (!(await isPrivateFolder(socketFolder))) return 'unusable'
  const client = clientFor(cluster, socketFolder)
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return (await isSameFolder(rows[0]?.data_directory ?? '', cluster.data)) ? 'ours' : 'unusable'
  } catch (error) {
    const { code } = errorParts(error)
    if (code === DISK_FULL) return 'no room'
    return code?.startsWith('28') ? 'wrong password' : 'not yet'
  } finally {
    // A frozen server would never say goodbye.
    client.end().catch(() => {})
  }
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => identityOf(path).catch(() => null)))
  return a != null && a === b
}

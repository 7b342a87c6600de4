import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../../log.ts'
import { ask, clientFor } from './ask.ts'
import { type Cluster, makeCluster, prepareHome } from './cluster.ts'
import { takeOwnership } from './owner-lock.ts'
import { EmbeddedPostgresProblem } from './problem.ts'
import { isServerOf, readServerNote } from './processes.ts'
import { installedPrograms, type Programs } from './programs.ts'
import { endServer, ensureRuns } from './server.ts'
import { removeSocketFolder, SOCKET } from './socket-folder.ts'

/** The embedded PostgreSQL of this process, which starts it again whenever it ends. */
export interface OwnedServer {
  readonly socketFolder: string
  readonly version: string
  /** An earlier process had left it running. */
  readonly joined: boolean
  stop(): Promise<void>
}

const RETRY_MS = 3_000
const LOOK_MS = 2_000

/** Throws `EmbeddedPostgresProblem` where another process owns the cluster, or where its server cannot run. */
export async function ownServer(cluster: Cluster, log: Log): Promise<OwnedServer> {
  const programs = await installedPrograms()
  await prepareHome(cluster.home).catch(explain(cluster))
  const giveBack = await takeOwnership(cluster.home).catch(explain(cluster))
  try {
    await makeCluster(cluster, programs)
    const { socketFolder, joined } = await ensureRuns(cluster, programs)
    const leave = keepRunning(cluster, programs, socketFolder, log)
    return {
      socketFolder,
      joined,
      version: programs.version,
      stop: async () => {
        try {
          await leave()
          await endServer(cluster.data)
          await removeSocketFolder(cluster.home, socketFolder)
        } finally {
          giveBack()
        }
      },
    }
  } catch (error) {
    giveBack()
    return explain(cluster)(error as Error)
  }
}

/** A fault of the file system, such as a full disk, in a sentence. */
function explain({ home }: Cluster): (error: Error & { code?: string; syscall?: string }) => never {
  return (error) => {
    if (error.syscall === undefined) throw error
    throw new EmbeddedPostgresProblem(
      `The embedded PostgreSQL cannot use its folder ${home} (${error.message}): mend the cause and start again.`,
      { cause: error },
    )
  }
}

/** Where the server of the cluster answers, or null where none does; waits a moment for one that is starting. */
export async function findServer(cluster: Cluster): Promise<string | null> {
  for (const until = Date.now() + 5_000; ; await delay(50)) {
    const note = await readServerNote(cluster.data)
    if (note === null || !(await isServerOf(cluster.data, note.pid))) return null
    const answer = await ask(cluster, note.socketFolder)
    if (answer === 'ours') return note.socketFolder
    if (answer !== 'not yet' || Date.now() > until) return null
  }
}

/** An open connection shows at once when the server ends; it then restarts in the folder that the pools know. */
function keepRunning(cluster: Cluster, programs: Programs, socketFolder: string, log: Log): () => Promise<void> {
  const left = new AbortController()
  const { signal } = left
  const watch = async () => {
    while (!signal.aborted) {
      await untilGone(cluster, socketFolder, signal)
      if (signal.aborted) return
      try {
        const { joined } = await ensureRuns(cluster, programs, socketFolder)
        if (!joined) log.warn('the embedded PostgreSQL had ended; it was started again')
        else await pause(LOOK_MS / 10, signal)
      } catch (error) {
        log.error({ err: error }, 'the embedded PostgreSQL has ended and does not start; trying again')
        await pause(RETRY_MS, signal)
      }
    }
  }
  const watching = watch()
  return async () => {
    left.abort()
    await watching
  }
}

async function untilGone(cluster: Cluster, socketFolder: string, signal: AbortSignal): Promise<void> {
  const client = clientFor(cluster, socketFolder)
  const ended = new Promise<true>((resolve) => client.once('end', () => resolve(true)))
  try {
    await client.connect()
    while (!signal.aborted && !(await Promise.race([ended, pause(LOOK_MS, signal)])))
      // Old connections live on in both cases.
      if (!(await takesNewConnections(cluster, socketFolder))) return
  } catch {
    // It cannot be reached.
  } finally {
    client.end().catch(() => {})
  }
}

/** A server that was asked to end waits for its clients and lets no new ones in; a socket that was removed does neither. */
async function takesNewConnections({ data }: Cluster, socketFolder: string): Promise<boolean> {
  const note = await readServerNote(data)
  if (note?.status === 'stopping') return false
  return access(join(socketFolder, SOCKET)).then(
    () => true,
    () => false,
  )
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<false> {
  await delay(milliseconds, undefined, { signal }).catch(() => {})
  return false
}

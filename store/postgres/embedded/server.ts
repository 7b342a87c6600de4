import { open, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, ask } from './ask.ts'
import { type Cluster, closeAccess, reasonOf, setPassword } from './cluster.ts'
import { EmbeddedPostgresProblem } from './problem.ts'
import { isProcess, isServerOf, readServerNote, serversOf } from './processes.ts'
import type { Programs } from './programs.ts'
import { isPrivateFolder, makeSocketFolder, newSocketFolder, PORT, removeOldSocketFolders } from './socket-folder.ts'

export interface RunningServer {
  readonly socketFolder: string
  /** It was already running. */
  readonly joined: boolean
}

const POLL_MS = 20
/** PostgreSQL keeps room on the disk in pieces of this size. */
const WAL_SEGMENT_BYTES = 16 * 2 ** 20
/** A server that was killed reads its log of changes first. */
const STARTING_MS = 60_000
/** For one that should answer, and for one that is ending. */
const SILENT_MS = 5_000
/** For one that this process uses: it may be busy with what it was asked. */
const BUSY_MS = 30_000
/** How long each signal may take to end a server. */
const SIGNALS = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const
/** The processes of a server end by themselves when their parent is gone, unless they are in the midst of a statement. */
const ORPHANS_MS = 500

/**
 * Brings the server of the cluster to where it answers: joins one that answers, waits for one that starts or ends, and starts
 * one where none is left. `wanted` is the socket folder that must be used, where others know it already.
 * Only the owner may call this.
 */
export async function ensureRuns(
  cluster: Cluster,
  programs: Programs,
  wanted: string | null = null,
): Promise<RunningServer> {
  let passwordWasSet = false
  for (const until = Date.now() + STARTING_MS; ; ) {
    const running = await settled(cluster, wanted)
    if (running !== null) return { socketFolder: running, joined: true }
    await clearRemains(cluster, wanted)
    const socketFolder = wanted ?? (await newSocketFolder(cluster.home))
    if (!(await isPrivateFolder(socketFolder))) await makeSocketFolder(cluster.home, socketFolder)
    const answer = await start(cluster, programs, socketFolder)
    if (answer === 'ours') return { socketFolder, joined: false }
    if (answer === 'wrong password' && !passwordWasSet) {
      await endServer(cluster.data)
      await setPassword(cluster.data, cluster.password, programs)
      passwordWasSet = true
    } else if (Date.now() > until) throw await notStarted(cluster, 0)
  }
}

/** Ends the server in good order: sessions are ended, what was committed is on the disk. */
export async function endServer(data: string): Promise<void> {
  const pid = (await readServerNote(data))?.pid
  if (pid === undefined) return
  for (const [signal, patience] of SIGNALS) {
    if (!(await isServerOf(data, pid))) return
    signalTo(pid, signal)
    if (await within(patience, async () => !(await isServerOf(data, pid)))) return
  }
  throw new EmbeddedPostgresProblem(`The embedded PostgreSQL (process ${pid}) does not end: restart the machine.`)
}

/** Waits until the server answers or is gone, and ends one that cannot be used. Answers its socket folder, or null. */
async function settled(cluster: Cluster, wanted: string | null): Promise<string | null> {
  for (const since = Date.now(); ; await delay(POLL_MS)) {
    const note = await readServerNote(cluster.data)
    if (note === null || !(await isServerOf(cluster.data, note.pid))) return null
    const answer = await ask(cluster, note.socketFolder)
    if (answer === 'ours' && (wanted === null || wanted === note.socketFolder)) return note.socketFolder
    if (answer === 'no room') throw await notStarted(cluster, 0)
    const patience = patienceWith(note.status, wanted !== null)
    if (answer !== 'not yet' || Date.now() - since > patience) await endServer(cluster.data)
  }
}

function patienceWith(status: string, used: boolean): number {
  if (status === 'starting') return STARTING_MS
  return used && status !== 'stopping' ? BUSY_MS : SILENT_MS
}

/** Removes what a crash has left and what would keep a new server from starting. */
async function clearRemains({ data, home }: Cluster, wanted: string | null): Promise<void> {
  if (!(await within(ORPHANS_MS, async () => (await serversOf(data)).length === 0)))
    for (const orphan of await serversOf(data)) signalTo(orphan, 'SIGKILL')
  const note = await readServerNote(data)
  if (wanted === null) await removeOldSocketFolders(home, [note?.socketFolder ?? null])
  // PostgreSQL trusts the id alone, so that any living process with it would keep it from starting for ever. Of one that is
  // gone it makes sure itself that nothing uses the data.
  if (note === null || (isProcess(note.pid) && !(await isServerOf(data, note.pid))))
    await rm(join(data, 'postmaster.pid'), { force: true })
}

/** PostgreSQL's errors when another server runs; not those for a lock file it cannot write. */
const TAKEN = /lock file ".*" (already exists|is empty)|pre-existing shared memory/

/** `not yet` where another start came first; throws where the server cannot run. */
async function start(cluster: Cluster, programs: Programs, socketFolder: string): Promise<Answer> {
  await closeAccess(cluster.data)
  const log = await open(cluster.logFile, 'a', 0o600)
  const { size } = await log.stat()
  const server = programs.spawnServer(options(cluster.data, socketFolder), {
    cwd: cluster.data,
    stdio: ['ignore', log.fd, log.fd],
  })
  let ended = false
  server.once('exit', () => {
    ended = true
  })
  server.once('error', () => {
    ended = true
  })
  server.unref()
  await log.close()
  for (const since = Date.now(); Date.now() - since < STARTING_MS; await delay(POLL_MS)) {
    const answer = await ask(cluster, socketFolder)
    if (answer === 'ours' || answer === 'wrong password') return answer
    if (answer === 'no room') break
    if (!ended) continue
    if (TAKEN.test(await saidSince(cluster, size))) return 'not yet'
    break
  }
  await endServer(cluster.data)
  throw await notStarted(cluster, size)
}

function options(data: string, socketFolder: string): string[] {
  const settings = {
    listen_addresses: '',
    port: PORT,
    // A list: a comma in the path must not divide it.
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: '0700',
    shared_buffers: '256MB',
    max_connections: 100,
  }
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

async function notStarted(cluster: Cluster, size: number): Promise<EmbeddedPostgresProblem> {
  const { bavail, bsize } = await statfs(cluster.home)
  // Then the log has no room for the reason either.
  if (bavail * bsize < WAL_SEGMENT_BYTES)
    return new EmbeddedPostgresProblem(
      `The embedded PostgreSQL did not start: the disk of ${cluster.home} is full. Make room and start again.`,
    )
  return new EmbeddedPostgresProblem(
    `The embedded PostgreSQL did not start: ${reasonOf(await saidSince(cluster, size))}. Mend the cause and start again; its log is ${cluster.logFile}.`,
  )
}

async function saidSince({ logFile }: Cluster, size: number): Promise<string> {
  const log = await readFile(logFile).catch(() => Buffer.alloc(0))
  return log.subarray(size).toString('utf8')
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function within(milliseconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  for (const until = Date.now() + milliseconds; ; await delay(POLL_MS)) {
    if (await isSo()) return true
    if (Date.now() > until) return false
  }
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { identityOf } from './folder-identity.ts'
import { EmbeddedPostgresProblem } from './problem.ts'

/** The server's only socket has this name, which its port decides. */
export const PORT = 5432
export const SOCKET = `.s.PGSQL.${PORT}`

/** The longest path of a socket on macOS; Linux has room for four more. */
const LONGEST = 103
const PREFIX = 'rosterport-'

/** Where the last folder is written down, to be removed after a crash. */
const noteOf = (home: string) => join(home, 'socket-folder')

/** A file in a socket folder that holds the identity of the home it belongs to. */
const homeNoteOf = (folder: string) => join(folder, 'home')

/**
 * A new folder that only this user can enter. It cannot lie below any DATA_DIR, since the path of a socket must be short.
 * No one else can have made it: the name is random, and creation fails if it exists.
 */
export async function newSocketFolder(home: string): Promise<string> {
  const name = `${PREFIX}${randomBytes(9).toString('hex')}`
  const reasons: string[] = []
  for (const parent of new Set([tmpdir(), '/tmp', home])) {
    const folder = join(parent, name)
    const reason = await unfit(parent, folder)
    if (reason === null) {
      await writeFile(noteOf(home), folder)
      await makeSocketFolder(home, folder)
      return folder
    }
    reasons.push(`${parent} ${reason}`)
  }
  throw new EmbeddedPostgresProblem(
    `The socket of the embedded PostgreSQL has no place (${reasons.join('; ')}): set TMPDIR to a folder of this user with a short path.`,
  )
}

async function unfit(parent: string, folder: string): Promise<string | null> {
  if (Buffer.byteLength(join(folder, SOCKET)) > LONGEST) return 'has too long a path'
  const mode = await stat(parent).then(
    (found) => found.mode,
    () => null,
  )
  if (mode === null) return 'is not there'
  // Without the sticky bit anybody may put a folder of their own in the place of ours.
  return (mode & 0o1002) === 0o0002 ? 'can be changed by anybody' : null
}

/** Throws where the folder is there already. */
export async function makeSocketFolder(home: string, folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 })
  if (!(await isPrivateFolder(folder)))
    throw new EmbeddedPostgresProblem(`The folder ${folder} was made, but does not belong to this user alone.`)
  await writeFile(homeNoteOf(folder), await identityOf(home))
}

export async function isPrivateFolder(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
}

/** Removes the folders that earlier starts have left. */
export async function removeOldSocketFolders(home: string, others: readonly (string | null)[]): Promise<void> {
  const noted = await readFile(noteOf(home), 'utf8').catch(() => null)
  for (const folder of [noted, ...others]) if (folder) await removeSocketFolder(home, folder)
}

/** Only one of this home: a copy of a data folder names the socket folder of the original, which may be in use. */
export async function removeSocketFolder(home: string, folder: string): Promise<void> {
  if (!basename(folder).startsWith(PREFIX) || !(await isPrivateFolder(folder))) return
  const owner = await readFile(homeNoteOf(folder), 'utf8').catch(() => null)
  if (owner !== (await identityOf(home)) || (await accepts(join(folder, SOCKET)))) return
  await rm(folder, { recursive: true, force: true })
}

const NOBODY_LISTENS = ['ENOENT', 'ECONNREFUSED']

async function accepts(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (error) {
    return !NOBODY_LISTENS.includes((error as NodeJS.ErrnoException).code ?? '')
  } finally {
    socket.destroy()
  }
}

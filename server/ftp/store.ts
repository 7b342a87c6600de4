import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import { FileProblem, type PendingFile } from '../../files/file-area.ts'
import { folderOf, nameOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { uploadStarted, uploadUnconfirmed } from '../../store/uploads.ts'
import { Refusal } from './replies.ts'
import type { FtpSession } from './session.ts'
import { type DataConnection, type Transfer, transfer } from './transfer.ts'
import { discardUpload, UnconfirmedUpload } from './unconfirmed.ts'

/** STOR: receives a file under a hidden name. It gets its own when the client has shown that it meant the data to end there. */
export async function store(session: FtpSession, argument: string): Promise<void> {
  const { options, reader, user } = session
  const path = session.path(argument)
  if (session.restartAt > 0) {
    session.restartAt = 0
    throw new Refusal(504, 'An upload cannot be resumed; send the whole file.')
  }
  await checkTarget(session, path)
  if (!session.passive) throw new Refusal(425, 'Use PASV or EPSV first.')
  const pending = await user.area.receive()
  let id: string | null = null
  let sha256 = ''
  let arrivedBefore = 0
  try {
    id = await uploadStarted(options.db, {
      teamId: user.team.id,
      path,
      source: options.tls.mode === 'implicit' ? 'ftps' : 'ftp',
      account: user.account.username,
      address: session.address,
      temporaryName: pending.temporaryName,
    })
    const take = async (data: DataConnection, current: Transfer) => {
      sha256 = await receive(data.socket, pending)
      // A cut connection ends just so, and whoever cuts it need not know the key.
      if (!data.closedBy(pending.bytes)) throw new Refusal(426, 'TLS was cut off: close_notify is missing.')
      current.dataEnded = true
      arrivedBefore = reader.arrived
    }
    await transfer(session, `Send ${nameOf(path)}.`, take, { strictClose: session.strictClose })
    const identity = await pending.seal()
    // The client has gone, and said nothing more after the end of the data.
    if (reader.lost && reader.arrived === arrivedBefore) throw new Refusal(426, 'The control connection was lost.')
    await uploadUnconfirmed(options.db, id, { bytes: pending.bytes, sha256, identity })
  } catch (error) {
    if (id) await discardUpload(session, id, pending)
    else await pending.discard()
    throw error
  }
  // Whoever sends a second file, on a port told after the first, was there when the first had ended.
  await session.unconfirmed?.confirm()
  session.unconfirmed = new UnconfirmedUpload(session, { id, path, pending }, arrivedBefore)
  await session.reply(226, `Transfer complete. ${await outlook(session, path)}`.trim())
}

/** Takes the data to their clean end; answers their SHA-256. */
async function receive(data: Socket, pending: PendingFile): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of data.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    await pending.write(chunk)
  }
  return hash.digest('hex')
}

async function checkTarget({ user }: FtpSession, path: TeamPath): Promise<void> {
  if (path === ROOT) throw new FileProblem('not-a-file', path)
  const folder = await user.area.stat(folderOf(path))
  if (folder.kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  try {
    if ((await user.area.stat(path)).kind === 'folder') throw new FileProblem('not-a-file', path)
  } catch (error) {
    if (!(error instanceof FileProblem && error.kind === 'not-found')) throw error
  }
}

/** What will happen to the file. The upload stands, whether or not it can be told. */
async function outlook({ options, user, log }: FtpSession, path: TeamPath): Promise<string> {
  try {
    return (await options.describeUpload?.(user.team, path)) ?? ''
  } catch (error) {
    log.error({ err: error }, 'what will happen to an upload could not be told')
    return ''
  }
}

import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { FileProblem, type OpenFile } from '../../files/file-area.ts'
import { QuotaProblem } from '../../files/storage-guard.ts'
import { folderOf, nameOf, ROOT, type TeamPath } from '../../model/team-path.ts'
import { UploadContent } from '../receiving/upload-content.ts'
import { within } from '../uploads/ledger-queue.ts'
import { refusedUpload } from '../uploads/no-room.ts'
import { LEDGER_PATIENCE_MS, ReceivedUpload } from '../uploads/received-upload.ts'
import { checkReplaceable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { appendable, continuedFrom } from './continued-upload.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { replyLine } from './control/reply-line.ts'
import { receive } from './transfers/receive-data.ts'
import { transfer } from './transfers/transfer.ts'
import { UnconfirmedUpload } from './unconfirmed.ts'

/** An upload continues after the first `length` bytes of the earlier file. */
interface Beginning {
  file: OpenFile
  length: number
}

/** STOR, and after REST the continuation of what was there before. */
export async function store(session: CommandSession, argument: string): Promise<void> {
  const start = session.takeRestart()
  const path = session.path(argument)
  await checkTarget(session, path)
  if (start === 0) return upload(session, path, { about: `Send ${nameOf(path)}.` })
  const beginning = await continuedFrom(session, path, start)
  await upload(session, path, { about: `Send ${nameOf(path)} from byte ${start} on.`, beginning })
}

/** APPE: at the end of what is there, or as a file of its own. */
export async function append(session: CommandSession, argument: string): Promise<void> {
  demandNoRestart(session)
  const path = session.path(argument)
  await checkTarget(session, path)
  const beginning = await appendable(session, path)
  const about = `Send ${beginning ? `what follows byte ${beginning.length} of ` : ''}${nameOf(path)}.`
  await upload(session, path, { about, ...(beginning && { beginning }) })
}

/** STOU: a free name, made from the given one; RFC 1123 4.1.2.9 has it in the 150. */
export async function storeUnique(session: CommandSession, argument: string): Promise<void> {
  demandNoRestart(session)
  const given = session.path(argument === '' ? 'upload' : argument)
  const [, stem = '', extension = ''] = /^(.+?)(\.[^.]*)?$/.exec(nameOf(given)) ?? []
  const path = session.path(`${folderOf(given)}/${stem}.${randomBytes(8).toString('hex')}${extension}`)
  await checkTarget(session, path)
  await upload(session, path, { about: `FILE: ${nameOf(path)}` })
}

/** APPE and STOU know their beginning by themselves. */
function demandNoRestart(session: CommandSession): void {
  if (session.takeRestart() > 0) throw new FtpRefusal(450, 'REST applies to STOR and RETR only.')
}

/**
 * Receives a file under a hidden name. It gets its own when the client has shown that it meant the data to end there; what
 * stood under it before stays until then.
 */
async function upload(
  session: CommandSession,
  path: TeamPath,
  { about, beginning }: { about: string; beginning?: Beginning },
): Promise<void> {
  const { reader, user } = session
  let upload: ReceivedUpload | null = null
  let content: UploadContent | null = null
  let arrivedBefore = 0
  let current = 0
  try {
    if (!session.data) throw new FtpRefusal(425, 'Use PORT or PASV first.')
    const allowance = await session.options.storage.admit(user.team, user.area, path)
    upload = new ReceivedUpload(session, path, await user.area.receive({ release: true }))
    const bytes = new UploadContent(session.options.receiving, upload.pending, allowance, { release: true })
    content = bytes
    await transfer(
      session,
      about,
      async (data, going) => {
        if (beginning) for await (const chunk of beginning.file.read(0, beginning.length)) await bytes.write(chunk)
        current = beginning?.length ?? 0
        await receive(data.socket, bytes, session.connection.transferType)
        going.dataEnded = true
        // What lay in the control connection before the data ended is read by now.
        await setImmediate()
        arrivedBefore = reader.backlogged ? Number.POSITIVE_INFINITY : reader.arrived
        // A cut connection ends the same way, and cutting it takes no key.
        const cut = data.cutOff()
        if (cut) throw new FtpRefusal(426, cut)
      },
      { strictClose: session.strictClose },
    )
    const told = outlook(session, path)
    await upload.received(await bytes.end())
    const sentence = replyLine(`Transfer complete. ${await told}`)
    // A client that sends a second file, on a port announced after the first, was there when the first ended.
    await session.unconfirmed?.confirm()
    // The end of the connection may lie there unread.
    await setImmediate()
    if (reader.lost) throw new FtpRefusal(426, 'Control connection lost.')
    session.unconfirmed = new UnconfirmedUpload(session, upload, upload.entry, arrivedBefore)
    await session.reply(226, sentence)
  } catch (error) {
    const full = error instanceof FileProblem || error instanceof QuotaProblem
    await content?.abandon()
    if (!upload) await refusedUpload(session, path, error)
    await upload?.interrupted(error, !full && current === (beginning?.length ?? 0))
    throw error
  } finally {
    await beginning?.file.close()
  }
}

async function checkTarget(session: CommandSession, path: TeamPath): Promise<void> {
  const { user } = session
  if (path === ROOT) throw new FileProblem('not-a-file', path)
  const folder = await user.area.stat(folderOf(path))
  if (folder.kind !== 'folder') throw new FileProblem('not-a-folder', folderOf(path))
  try {
    if ((await user.area.stat(path)).kind === 'folder') throw new FileProblem('not-a-file', path)
  } catch (error) {
    if (error instanceof FileProblem && error.kind === 'not-found') return
    throw error
  }
  await checkReplaceable(session, path)
}

/** A sentence about the next import; empty on failure, as the upload is valid anyway. */
async function outlook({ options, user, log }: CommandSession, path: TeamPath): Promise<string> {
  try {
    const sentence = options.describeUpload?.(user.team, path) ?? Promise.resolve('')
    return (await within(LEDGER_PATIENCE_MS, sentence)) ? await sentence : ''
  } catch (error) {
    log.warn({ err: error }, 'no import notice for an upload')
    return ''
  }
}

import type { FileArea, FileEntry } from '../../files/file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import { DAY_MS } from '../../model/time.ts'
import { overlaidWith } from '../uploads/unconfirmed-uploads.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import type { Fact } from './machine-facts.ts'
import { send } from './transfers/send-data.ts'
import { transfer } from './transfers/transfer.ts'

const CHUNK_CHARACTERS = 32 * 1024

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** `ls` shows the year instead of the time of day for what is older. */
const RECENT_MS = 180 * DAY_MS

/** LIST, as `ls -l`; its flags (`-la`) are taken and change nothing. */
export async function list(session: CommandSession, argument: string): Promise<void> {
  const now = new Date()
  await sendListing(session, session.path(withoutFlags(argument)), (entry) => listLine(entry, now))
}

/** NLST: names, with the folder in front as the client gave it. */
export async function nameList(session: CommandSession, argument: string): Promise<void> {
  const asked = withoutFlags(argument)
  const path = session.path(asked)
  const { kind } = await session.user.area.stat(path)
  const prefix = asked === '' || asked.endsWith('/') ? asked : `${asked}/`
  await sendListing(session, path, ({ name }) => (kind === 'folder' ? prefix + name : asked))
}

/** MLSD: RFC 3659. */
export async function machineList(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  // RFC 3659 7.2: the argument is at fault, not the file.
  if ((await session.user.area.stat(path)).kind !== 'folder') throw new FtpRefusal(501, 'MLSD requires a directory.')
  const { facts } = session
  await sendListing(session, path, (entry) => `${factsOf(entry, facts)} ${entry.name}`)
}

/** MLST: one entry, over the control connection. */
export async function machineEntry(session: CommandSession, argument: string): Promise<void> {
  const entry = await session.user.area.stat(session.path(argument))
  await session.reply(250, 'Listing', ` ${factsOf(entry, session.facts)} ${entry.path}`, 'End.')
}

/** `YYYYMMDDHHMMSS`, in UTC. */
export function timeVal(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')
}

function factsOf({ kind, bytes, modifiedAt }: FileEntry, wanted: readonly Fact[]): string {
  const values: Record<Fact, string | null> = {
    type: kind === 'folder' ? 'dir' : 'file',
    size: kind === 'folder' ? null : String(bytes),
    modify: timeVal(modifiedAt),
  }
  return wanted.map((fact) => (values[fact] === null ? '' : `${fact}=${values[fact]};`)).join('')
}

export function listLine({ kind, name, bytes, modifiedAt }: FileEntry, now: Date): string {
  const mode = kind === 'folder' ? 'drwxr-x---' : '-rw-r-----'
  const two = (part: number) => String(part).padStart(2, '0')
  const day = String(modifiedAt.getUTCDate()).padStart(2)
  const age = now.getTime() - modifiedAt.getTime()
  const recent = age < RECENT_MS && age > -RECENT_MS
  const when = recent
    ? `${two(modifiedAt.getUTCHours())}:${two(modifiedAt.getUTCMinutes())}`
    : ` ${modifiedAt.getUTCFullYear()}`
  return `${mode} 1 ftp ftp ${String(bytes).padStart(12)} ${MONTHS[modifiedAt.getUTCMonth()]} ${day} ${when} ${name}`
}

export function withoutFlags(argument: string): string {
  return argument.replace(/^(?:-[A-Za-z]+(?: +|$))+/, '')
}

async function sendListing(session: CommandSession, path: TeamPath, line: (entry: FileEntry) => string): Promise<void> {
  const { area } = session.user
  const { kind } = await area.stat(path)
  await transfer(session, 'Here comes the directory listing.', async (data, current) => {
    const entries = kind === 'folder' ? entriesOf(session, path) : only(area, path)
    await send(data, chunks(entries, line), current)
  })
  await session.reply(226, 'Directory send OK.')
}

/** The entries of a folder, with the uploads of this account that have yet to get their names. */
export function entriesOf({ user, options }: CommandSession, folder: TeamPath): AsyncIterable<FileEntry> {
  const by = { teamId: user.team.id, account: user.account.username }
  return overlaidWith(user.area.list(folder), options.unconfirmed.in(by, folder))
}

async function* only(area: FileArea, path: TeamPath): AsyncGenerator<FileEntry> {
  yield await area.stat(path)
}

/** A folder may hold very many names: they leave in large pieces as they are found. */
async function* chunks(entries: AsyncIterable<FileEntry>, line: (entry: FileEntry) => string): AsyncGenerator<Buffer> {
  let text = ''
  for await (const entry of entries) {
    text += `${line(entry)}\r\n`
    if (text.length < CHUNK_CHARACTERS) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

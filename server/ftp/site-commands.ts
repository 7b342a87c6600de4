import type { OpenFile } from '../../files/file-area.ts'
import { checkReadable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { replyLine } from './control/reply-line.ts'

/** A check that takes longer says how far it is, so that neither the client nor a firewall gives up. */
const STILL_CHECKING_MS = 10_000

const SITE_COMMANDS: Record<string, (session: CommandSession, argument: string) => Promise<void>> = {
  CHECK: checkFile,
  CHMOD: changeMode,
  HELP: siteHelp,
  STATUS: fileStatus,
}

export async function site(session: CommandSession, argument: string): Promise<void> {
  const [, verb = '', rest = ''] = /^(\S+)(?: (.*))?$/s.exec(argument) ?? []
  const name = verb.toUpperCase()
  const command = Object.hasOwn(SITE_COMMANDS, name) ? SITE_COMMANDS[name] : undefined
  if (!command) throw new FtpRefusal(504, 'Unknown SITE command; SITE HELP lists them.')
  if (name !== 'HELP' && rest === '') throw new FtpRefusal(501, `SITE ${name} requires a path.`)
  await command(session, rest)
}

export async function siteHelp(session: CommandSession, argument: string): Promise<void> {
  if (argument !== '' && !Object.hasOwn(SITE_COMMANDS, argument.toUpperCase()))
    throw new FtpRefusal(501, 'Unknown SITE command.')
  await session.reply(
    214,
    'SITE commands:',
    ' SITE STATUS path: what was, is or will be done with a file.',
    ' SITE CHECK path: what an import of the file would do; nothing is changed.',
    ' SITE CHMOD mode path: taken, and changes nothing.',
    ' SITE HELP',
    'End.',
  )
}

/** SITE CHMOD: taken, as over SFTP, and changes nothing: clients that mirror a folder send it behind each file. */
async function changeMode(session: CommandSession, argument: string): Promise<void> {
  const [, name = ''] = /^[0-7]{3,4} (.+)$/s.exec(argument) ?? []
  if (name === '') throw new FtpRefusal(501, 'SITE CHMOD requires a mode and a path.')
  await session.user.area.stat(session.path(name))
  await session.reply(202, 'Modes are not kept.')
}

/** SITE STATUS: the fate of a file, as the pages and the API tell it. */
async function fileStatus(session: CommandSession, argument: string): Promise<void> {
  const { options, user } = session
  const path = session.path(argument)
  const found = (await options.fileStatus?.(user.team, path)) ?? []
  if (found.length === 0) throw new FtpRefusal(550, 'No such file or directory.')
  // Reasons may quote what is in a file.
  const { permissions, username } = user.account
  const own = found.filter(({ account, isOurs }) => permissions === 'full' || isOurs || account === username)
  if (own.length === 0) throw new FtpRefusal(550, 'Permission denied: this account may ask only about its own uploads.')
  const lines = own.flatMap(({ lines }) => lines).map((line) => ` ${replyLine(line)}`)
  await session.reply(213, replyLine(`Status of ${path}:`), ...lines, 'End.')
}

/** SITE CHECK: a dry run. Its errors quote values, so it takes the right to read the file. */
async function checkFile(session: CommandSession, argument: string): Promise<void> {
  const { options, user } = session
  const path = session.path(argument)
  const file = await user.area.open(path)
  try {
    await checkReadable(session, file)
  } finally {
    await file.close()
  }
  let percent = 0
  let told: Promise<void> | null = null
  const title = replyLine(`Check of ${path}:`)
  const begin = () => {
    told ??= session.say(`213-${title}`)
    return told
  }
  let cancel = () => {}
  const tellLater = () => {
    cancel = options.after(STILL_CHECKING_MS, () => {
      void begin().then(() => session.say(` ${percent} % checked`))
      tellLater()
    })
  }
  tellLater()
  let lines: string[]
  try {
    const progress = (done: number) => {
      percent = Math.floor(done)
    }
    const opened = (file: OpenFile) => checkReadable(session, file)
    lines = (await options.checkFile?.(user.team, path, { signal: session.gone, progress, opened })) ?? []
  } catch (error) {
    // Once a reply of several lines has begun its code is settled.
    if (told === null || session.gone.aborted) throw error
    session.log.error({ err: error }, 'SITE CHECK failed')
    lines = ['failed', 'The check failed; try again later.']
  } finally {
    cancel()
  }
  await begin()
  for (const line of lines) await session.say(` ${replyLine(line)}`)
  await session.reply(213, 'End.')
}

import { authTls } from './auth-tls.ts'
import { epsv, pasv } from './data-ports.ts'
import { list, machineEntry, machineList, nameList } from './listing.ts'
import { pass, user } from './login-commands.ts'
import {
  changeFolder,
  changeToParent,
  deleteFile,
  makeFolder,
  modificationTime,
  printFolder,
  removeFolder,
  renameFrom,
  renameTo,
  size,
} from './names.ts'
import { Refusal } from './replies.ts'
import { restart, retrieve } from './retrieve.ts'
import type { FtpSession } from './session.ts'
import { store } from './store.ts'

interface Command {
  run(session: FtpSession, argument: string): Promise<void>
  /** Whether it is served before the login. */
  open?: true
  argument: 'needed' | 'optional'
  /** What FEAT says for it. */
  feature?: string
}

const COMMANDS: Record<string, Command> = {
  ABOR: { run: abort, argument: 'optional' },
  AUTH: { run: authTls, open: true, argument: 'needed' },
  CDUP: { run: changeToParent, argument: 'optional' },
  CWD: { run: changeFolder, argument: 'needed' },
  DELE: { run: deleteFile, argument: 'needed' },
  EPSV: { run: epsv, argument: 'optional', feature: 'EPSV' },
  FEAT: { run: features, open: true, argument: 'optional' },
  LIST: { run: list, argument: 'optional' },
  MDTM: { run: modificationTime, argument: 'needed', feature: 'MDTM' },
  MKD: { run: makeFolder, argument: 'needed' },
  MLSD: { run: machineList, argument: 'optional' },
  MLST: { run: machineEntry, argument: 'optional', feature: 'MLST type*;size*;modify*;' },
  NLST: { run: nameList, argument: 'optional' },
  OPTS: { run: setOption, open: true, argument: 'needed' },
  PASS: { run: pass, open: true, argument: 'needed' },
  PASV: { run: pasv, argument: 'optional' },
  PWD: { run: printFolder, argument: 'optional' },
  QUIT: { run: (session) => session.close(221, 'Goodbye.'), open: true, argument: 'optional' },
  REST: { run: restart, argument: 'needed' },
  RETR: { run: retrieve, argument: 'needed' },
  RMD: { run: removeFolder, argument: 'needed' },
  RNFR: { run: renameFrom, argument: 'needed' },
  RNTO: { run: renameTo, argument: 'needed' },
  SIZE: { run: size, argument: 'needed', feature: 'SIZE' },
  STOR: { run: store, argument: 'needed' },
  USER: { run: user, open: true, argument: 'needed' },
}

/** RFC 775: the same commands under the names that old clients use. */
const ALIASES: Record<string, string> = { XCUP: 'CDUP', XCWD: 'CWD', XMKD: 'MKD', XPWD: 'PWD', XRMD: 'RMD' }

/** What the shell serves soundly by itself. */
const SHELL_COMMANDS = new Set(['ALLO', 'MODE', 'NOOP', 'PBSZ', 'PROT', 'STRU', 'SYST', 'TYPE'])

/** An argument is everything behind the first space, as it stands: names may hold quotes, dashes and blanks. */
export function parseCommand(line: string): { verb: string; argument: string } {
  const [, verb = '', argument = ''] = /^\s*(\S*)(?: (.*))?$/s.exec(line) ?? []
  return { verb: verb.toUpperCase(), argument }
}

/** Runs one command. Rejects with what the client is to be told. */
export async function runCommand(session: FtpSession, line: string): Promise<void> {
  const { verb, argument } = parseCommand(line)
  const name = ALIASES[verb] ?? verb
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (name !== 'RNTO') session.renameFrom = null
  if (!command && !SHELL_COMMANDS.has(name)) throw new Refusal(502, 'This command is not supported.')
  if (command?.argument === 'needed' && argument === '') throw new Refusal(501, `${name} needs an argument.`)
  if (command) {
    if (!command.open) void session.user
    return command.run(session, argument)
  }
  const arg = argument === '' ? null : argument
  await session.connection.commands.handle({ directive: name, arg, flags: [], raw: line })
}

async function features(session: FtpSession): Promise<void> {
  const { mode } = session.options.tls
  const secure = mode === 'off' ? [] : mode === 'implicit' ? ['PBSZ', 'PROT'] : ['AUTH TLS', 'PBSZ', 'PROT']
  const served = Object.values(COMMANDS).flatMap(({ feature }) => feature ?? [])
  const lines = [...secure, ...served, 'TVFS', 'UTF8'].sort().map((feature) => ` ${feature}`)
  await session.reply(211, 'Served here:', ...lines, 'End.')
}

async function setOption(session: FtpSession, argument: string): Promise<void> {
  if (/^UTF-?8( ON)?$/i.test(argument)) return session.reply(200, 'Names are UTF-8.')
  if (/^MLST( |$)/i.test(argument)) return session.reply(200, 'MLST OPTS type;size;modify;')
  throw new Refusal(501, 'This option is not known.')
}

/** ABOR behind a transfer; one that is going is broken off when ABOR arrives, before it is its turn. */
async function abort(session: FtpSession): Promise<void> {
  session.passive?.close()
  session.passive = null
  await session.reply(226, 'No transfer is going.')
}

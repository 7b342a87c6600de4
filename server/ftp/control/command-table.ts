import { authTls } from '../auth-command.ts'
import type { CommandSession } from '../command-session.ts'
import { eprt, epsv, pasv, port } from '../data-port-commands.ts'
import { restart, retrieve } from '../download-commands.ts'
import { features, help, host, setOption } from '../feature-commands.ts'
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
  setModificationTime,
  size,
} from '../file-commands.ts'
import { available, extendedHash, hash } from '../hash-commands.ts'
import { list, machineEntry, machineList, nameList } from '../listing-commands.ts'
import { pass, reinitialize, user } from '../login-commands.ts'
import { allocate, mode, structure, type } from '../parameter-commands.ts'
import { bufferSize, protection } from '../protection-commands.ts'
import { site } from '../site-commands.ts'
import { status } from '../status-command.ts'
import { append, store, storeUnique } from '../upload-commands.ts'
import { FtpRefusal } from './ftp-replies.ts'
import { SHELL_COMMANDS } from './ftp-srv-shell.ts'

interface Command {
  run(session: CommandSession, argument: string): Promise<void>
  /** Allowed before the login. */
  open?: true
  argument: 'needed' | 'optional'
  /** Its line in FEAT. */
  feature?: string
}

const COMMANDS: Record<string, Command> = {
  ABOR: { run: abort, argument: 'optional' },
  ALLO: { run: allocate, argument: 'needed' },
  AUTH: { run: authTls, open: true, argument: 'needed' },
  APPE: { run: append, argument: 'needed' },
  AVBL: { run: available, argument: 'optional', feature: 'AVBL' },
  CDUP: { run: changeToParent, argument: 'optional' },
  CLNT: { run: (session) => session.reply(200, 'OK.'), open: true, argument: 'optional', feature: 'CLNT' },
  CWD: { run: changeFolder, argument: 'optional' },
  DELE: { run: deleteFile, argument: 'needed' },
  EPRT: { run: eprt, argument: 'needed' },
  EPSV: { run: epsv, argument: 'optional', feature: 'EPSV' },
  FEAT: { run: (session) => features(session, served()), open: true, argument: 'optional' },
  HASH: { run: hash, argument: 'needed', feature: 'HASH SHA-256*' },
  HELP: { run: (session, argument) => help(session, argument, verbs()), open: true, argument: 'optional' },
  HOST: { run: host, open: true, argument: 'needed', feature: 'HOST' },
  LIST: { run: list, argument: 'optional' },
  MDTM: { run: modificationTime, argument: 'needed', feature: 'MDTM' },
  MFMT: { run: setModificationTime, argument: 'needed', feature: 'MFMT' },
  MKD: { run: makeFolder, argument: 'needed' },
  MLSD: { run: machineList, argument: 'optional' },
  MLST: { run: machineEntry, argument: 'optional' },
  MODE: { run: mode, argument: 'needed' },
  NLST: { run: nameList, argument: 'optional' },
  OPTS: { run: setOption, open: true, argument: 'needed' },
  PASS: { run: pass, open: true, argument: 'needed' },
  PASV: { run: pasv, argument: 'optional' },
  PBSZ: { run: bufferSize, open: true, argument: 'needed' },
  PORT: { run: port, argument: 'needed' },
  PROT: { run: protection, open: true, argument: 'needed' },
  PWD: { run: printFolder, argument: 'optional' },
  QUIT: { run: (session) => session.close(221, 'Goodbye.'), open: true, argument: 'optional' },
  REIN: { run: reinitialize, open: true, argument: 'optional' },
  REST: { run: restart, argument: 'needed', feature: 'REST STREAM' },
  RETR: { run: retrieve, argument: 'needed' },
  RMD: { run: removeFolder, argument: 'needed' },
  RNFR: { run: renameFrom, argument: 'needed' },
  RNTO: { run: renameTo, argument: 'needed' },
  SITE: { run: site, argument: 'needed' },
  SIZE: { run: size, argument: 'needed', feature: 'SIZE' },
  STAT: { run: status, argument: 'optional' },
  STOR: { run: store, argument: 'needed' },
  STOU: { run: storeUnique, argument: 'optional' },
  STRU: { run: structure, argument: 'needed' },
  TYPE: { run: type, argument: 'needed' },
  USER: { run: user, open: true, argument: 'needed' },
  XSHA256: { run: extendedHash, argument: 'needed', feature: 'XSHA256' },
}

/** RFC 775: the same commands under the names that old clients use. */
const ALIASES: Record<string, string> = { XCUP: 'CDUP', XCWD: 'CWD', XMKD: 'MKD', XPWD: 'PWD', XRMD: 'RMD' }

/** Commands allowed between REST and its transfer, and the transfers. */
const KEEP_RESTART = new Set([
  'REST',
  'RETR',
  'STOR',
  'APPE',
  'STOU',
  'PASV',
  'EPSV',
  'PORT',
  'EPRT',
  'TYPE',
  'PROT',
  'NOOP',
])

const TRANSFERS = new Set(['RETR', 'STOR', 'APPE', 'STOU', 'LIST', 'NLST', 'MLSD'])

/** Known to the standards, and not to us. */
const NOT_SERVED = new Set(['ACCT', 'ADAT', 'CCC', 'CONF', 'ENC', 'LANG', 'LPRT', 'LPSV', 'MIC', 'SMNT'])

/** An argument is everything after the first space, verbatim: names may hold quotes, dashes and blanks. */
export function parseCommand(line: string): { verb: string; argument: string } {
  const [, verb = '', argument = ''] = /^\s*(\S*)(?: (.*))?$/s.exec(line) ?? []
  return { verb: verb.toUpperCase(), argument }
}

/** Runs one command. Rejects with the reply for the client. */
export async function runCommand(session: CommandSession, line: string): Promise<void> {
  const { verb, argument } = parseCommand(line)
  const name = ALIASES[verb] ?? verb
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (name !== 'RNTO') session.renameFrom = null
  if (!KEEP_RESTART.has(name)) session.restartAt = 0
  if (NOT_SERVED.has(name)) throw new FtpRefusal(502, 'Command not implemented.')
  if (!command && !isShellCommand(name)) throw new FtpRefusal(500, 'Unknown command.')
  if (command) {
    const run = () => carryOut(session, command, { name, argument })
    return TRANSFERS.has(name) ? transferOrClose(session, run) : run()
  }
  const arg = argument === '' ? null : argument
  await session.connection.commands.handle({ directive: name, arg, flags: [], raw: line })
}

async function carryOut(
  session: CommandSession,
  command: Command,
  { name, argument }: { name: string; argument: string },
): Promise<void> {
  if (command.argument === 'needed' && argument === '') throw new FtpRefusal(501, `${name} requires a parameter.`)
  if (!command.open) void session.user
  await command.run(session, argument)
}

/** A transfer that is refused closes the connection that waits for it: its client may be waiting in a TLS handshake. */
async function transferOrClose(session: CommandSession, run: () => Promise<void>): Promise<void> {
  const { data } = session
  try {
    await run()
  } catch (error) {
    refuseData(session, data)
    throw error
  }
}

/** Closes the data connection once the refusal is told. */
export function refuseData(session: CommandSession, data = session.data): void {
  session.refusedData = data
  if (session.data === data) session.data = null
}

/** ABOR behind a transfer; one that is going is broken off when ABOR arrives, before it is its turn. */
async function abort(session: CommandSession): Promise<void> {
  session.data?.close()
  session.data = null
  if (!session.aborted) return session.reply(225, 'No transfer to abort.')
  session.aborted = false
  await session.reply(226, 'Transfer aborted.')
}

function served(): string[] {
  return Object.values(COMMANDS).flatMap(({ feature }) => feature ?? [])
}

export function verbs(): string[] {
  return [...Object.keys(COMMANDS), ...SHELL_COMMANDS].sort()
}

function isShellCommand(name: string): boolean {
  return SHELL_COMMANDS.some((command) => command === name)
}

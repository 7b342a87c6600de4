import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'

/** TYPE: RFC 959 3.1.1. A and I, with the forms that name the same: `A N` and `L 8`. */
export async function type(session: CommandSession, argument: string): Promise<void> {
  const [kind = '', form = ''] = argument.toUpperCase().split(/ +/, 2)
  if (kind === 'A' && ['', 'N'].includes(form)) session.connection.transferType = 'ascii'
  else if (kind === 'I' && form === '') session.connection.transferType = 'binary'
  else if (/^L ?8$/i.test(argument)) session.connection.transferType = 'binary'
  else throw unlessKnown(/^(?:[AE](?: [NTC])?|L ?\d+)$/i, argument)
  await session.reply(200, `Type set to ${session.connection.transferType === 'ascii' ? 'A' : 'I'}.`)
}

/** STRU: a file is a row of bytes, nothing else. */
export async function structure(session: CommandSession, argument: string): Promise<void> {
  if (!/^F$/i.test(argument)) throw unlessKnown(/^[RP]$/i, argument)
  await session.reply(200, 'Structure set to F.')
}

export async function mode(session: CommandSession, argument: string): Promise<void> {
  if (!/^S$/i.test(argument)) throw unlessKnown(/^[BCZ]$/i, argument)
  await session.reply(200, 'Mode set to S.')
}

/** ALLO: room is looked for while the bytes come. */
export async function allocate(session: CommandSession, argument: string): Promise<void> {
  if (!/^\d+(?: R \d+)?$/i.test(argument)) throw new FtpRefusal(501, 'ALLO requires a number of bytes.')
  await session.reply(202, 'ALLO is not needed.')
}

/** 504 for what the standard knows and we do not serve, 501 for what means nothing. */
function unlessKnown(known: RegExp, argument: string): FtpRefusal {
  if (known.test(argument)) return new FtpRefusal(504, 'Parameter not implemented.')
  return new FtpRefusal(501, 'Invalid parameter.')
}

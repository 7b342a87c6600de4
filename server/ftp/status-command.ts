import type { CommandSession } from './command-session.ts'
import { entriesOf, listLine, withoutFlags } from './listing-commands.ts'

/** STAT: about the session, or the listing of a file or folder over the control connection. */
export async function status(session: CommandSession, argument: string): Promise<void> {
  if (argument === '') return aboutSession(session)
  const path = session.path(withoutFlags(argument))
  const { area } = session.user
  const now = new Date()
  const entry = await area.stat(path)
  await session.say(`213-Status of ${path}:`)
  if (entry.kind === 'file') await session.say(` ${listLine(entry, now)}`)
  else for await (const inside of entriesOf(session, path)) await session.say(` ${listLine(inside, now)}`)
  await session.reply(213, 'End.')
}

/** Also in the midst of a transfer, as RFC 959 4.1.3 has it. */
export async function aboutSession(session: CommandSession): Promise<void> {
  const { account, team } = session.user
  const { secure, transferType } = session.connection
  await session.reply(
    211,
    'Status:',
    ` Logged in as ${account.username} of ${team.team}, from ${session.address}.`,
    ` ${secure ? 'TLS' : 'No TLS'}, TYPE ${transferType === 'ascii' ? 'A' : 'I'}, in ${session.folder}`,
    ...(session.transfer ? [` Transfer in progress: ${session.transfer.bytes} bytes so far.`] : []),
    'End.',
  )
}

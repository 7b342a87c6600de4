import { nameOf } from '../../model/team-path.ts'
import { checkReadable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { FtpRefusal } from './control/ftp-replies.ts'
import { withCarriageReturns } from './transfers/ascii.ts'
import { send } from './transfers/send-data.ts'
import { transfer } from './transfers/transfer.ts'

/** REST: where the next RETR or STOR begins. */
export async function restart(session: CommandSession, argument: string): Promise<void> {
  const offset = /^\d{1,15}$/.test(argument) ? Number(argument) : Number.NaN
  if (Number.isNaN(offset)) throw new FtpRefusal(501, 'REST requires a byte offset.')
  // A client counts other bytes in TYPE A than those on the disk.
  if (offset > 0 && session.connection.transferType === 'ascii') throw new FtpRefusal(501, 'REST requires TYPE I.')
  session.restartAt = offset
  await session.reply(350, `Restart position accepted (${offset}).`)
}

export async function retrieve(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const start = session.takeRestart()
  const file = await session.user.area.open(path)
  try {
    await checkReadable(session, file)
    if (start > file.entry.bytes) throw new FtpRefusal(554, 'Restart offset is past the end of the file.')
    await transfer(session, `Sending ${nameOf(path)} (${file.entry.bytes} bytes).`, async (data, current) => {
      const bytes =
        session.connection.transferType === 'ascii' ? withCarriageReturns(file.read(start)) : file.read(start)
      await send(data, bytes, current)
    })
  } finally {
    await file.close()
  }
  await session.reply(226, 'Transfer complete.')
}

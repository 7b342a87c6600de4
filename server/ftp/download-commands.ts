import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { nameOf } from '../../model/team-path.ts'
import { checkReadable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'
import { Refusal } from './control/ftp-replies.ts'
import { withCarriageReturns } from './transfers/ascii.ts'
import { transfer } from './transfers/transfer.ts'

/** REST: where the next RETR or STOR begins. */
export async function restart(session: CommandSession, argument: string): Promise<void> {
  const offset = /^\d{1,15}$/.test(argument) ? Number(argument) : Number.NaN
  if (Number.isNaN(offset)) throw new Refusal(501, 'REST takes a number of bytes.')
  session.restartAt = offset
  await session.reply(350, `The next transfer begins at byte ${offset}.`)
}

export async function retrieve(session: CommandSession, argument: string): Promise<void> {
  const path = session.path(argument)
  const start = session.takeRestart()
  const file = await session.user.area.open(path)
  try {
    await checkReadable(session, path, file.entry)
    if (start > file.entry.bytes) throw new Refusal(554, 'The file is not that long.')
    await transfer(session, `Sending ${nameOf(path)} (${file.entry.bytes} bytes).`, async (data, current) => {
      const bytes =
        session.connection.transferType === 'ascii' ? withCarriageReturns(file.read(start)) : file.read(start)
      await pipeline(Readable.from(bytes, { objectMode: false }), data.socket)
      current.dataEnded = true
    })
  } finally {
    await file.close()
  }
  await session.reply(226, 'Transfer complete.')
}

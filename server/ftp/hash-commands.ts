import { recognise } from '../../model/upload.ts'
import { presentUpload } from '../../store/uploads/find-uploads.ts'
import { checkReadable } from './check-permission.ts'
import type { CommandSession } from './command-session.ts'

/** AVBL (draft-peterson-streamlined-ftp-command-extensions): how many bytes more may be uploaded. */
export async function available(session: CommandSession): Promise<void> {
  const { team, area } = session.user
  await session.reply(213, String(await session.options.storage.available(team, area)))
}

/** HASH (draft-ietf-ftpext2-hash), of the whole file. */
export async function hash(session: CommandSession, argument: string): Promise<void> {
  const { sha256, bytes } = await digestOf(session, argument)
  await session.reply(213, `SHA-256 0-${bytes} ${sha256} ${argument}`)
}

/** XSHA256, as older clients ask for it. */
export async function extendedHash(session: CommandSession, argument: string): Promise<void> {
  await session.reply(250, (await digestOf(session, argument)).sha256)
}

async function digestOf(session: CommandSession, argument: string): Promise<{ sha256: string; bytes: number }> {
  const path = session.path(argument)
  const { area, team } = session.user
  const file = await area.open(path)
  try {
    await checkReadable(session, file)
    const upload = await presentUpload(session.options.db, team.id, path)
    const { bytes } = file.entry
    const known = upload && recognise(upload, file.entry) === 'same' ? upload.sha256 : null
    return { sha256: known ?? (await area.sha256(file)), bytes }
  } finally {
    await file.close()
  }
}

import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'basic-ftp'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { openKeys } from '../../files/keys.ts'
import { seenFile } from '../../files/seen-file.ts'
import type { Team } from '../../model/team.ts'
import { pathIn } from '../../model/team-path.ts'
import { createFtpAccount } from '../../store/ftp-accounts.ts'
import { fileFound } from '../../store/uploads/found.ts'
import { uploadReady } from '../../store/uploads/publish-uploads.ts'
import { type StartedUpload, uploadStarted, uploadUnconfirmed } from '../../store/uploads/received-bytes.ts'
import { QUIET_WITHIN_MS } from './quiet.ts'
import type { RosterFile } from './roster.ts'
import { IMPORTS, type Subject } from './subject.ts'
import type { World } from './world.ts'

/** Puts a file in its place by the very steps of an endpoint. */
export async function putInPlace(
  world: World,
  team: Team,
  { name, text }: Pick<RosterFile, 'name' | 'text'>,
): Promise<string> {
  const { db } = world.direct
  const path = pathIn(IMPORTS, name)
  const pending = await diskFileArea(world.rootOf(team)).receive()
  const upload: StartedUpload = {
    id: randomUUID(),
    teamId: team.id,
    path,
    source: 'ftp',
    account: null,
    address: null,
    temporaryName: pending.temporaryName,
  }
  await uploadStarted(db, upload)
  await pending.write(Buffer.from(text))
  const identity = await pending.seal()
  await uploadUnconfirmed(db, upload, {
    receivedAt: new Date(),
    bytes: pending.bytes,
    sha256: createHash('sha256').update(text).digest('hex'),
    identity,
  })
  await uploadReady(db, { ...upload, identity }, async () => {
    await pending.publish(path)
    return undefined
  })
  return upload.id
}

/** A login over FTPS; it uploads one file and answers whether the service said that it has it. */
export async function ftpClient(world: World, team: Team): Promise<(file: RosterFile) => Promise<boolean>> {
  const { secret } = await openKeys(join(world.folder, 'data/keys'))
  const account = await createFtpAccount(world.direct.db, secret, team.id, { username: `${team.team}-sis` })
  if (!account.ok) throw new Error('the name of an account is taken')
  return async ({ name, text }) => {
    const client = new Client(120_000)
    try {
      const [host = '', port] = world.service.ftp.split(':')
      const secureOptions = { rejectUnauthorized: false }
      const { password } = account
      await client.access({
        host,
        port: Number(port),
        user: account.account.username,
        password,
        secure: true,
        secureOptions,
      })
      await client.uploadFrom(Readable.from([text]), `/cadence/imports/${name}`)
      await client.send('NOOP').catch(() => {})
      return true
    } catch {
      return false
    } finally {
      client.close()
    }
  }
}

/**
 * Uploads every file until the service says that it has it, started again where it died, and waits until it has put in
 * order what was left of others. Answers the uploads that a later one replaced.
 */
export async function uploadAll(
  world: World,
  subject: Subject,
  upload: (file: RosterFile) => Promise<boolean>,
): Promise<string[]> {
  for (const file of subject.files) {
    for (let attempt = 0; !(await upload(file)); attempt++) {
      if (attempt === 5) throw new Error(`${file.name} could not be uploaded`)
      // Of a process that has just killed itself the end is heard of a moment later.
      await sleep(100 * 2 ** attempt)
      await world.revive()
    }
    await world.revive()
  }
  const ledger = () =>
    world.direct.db
      .selectFrom('upload')
      .select(['id', 'path', 'state', 'gone_at'])
      .where('team_id', '=', subject.team.id)
      .orderBy('started_at')
      .execute()
  const end = performance.now() + QUIET_WITHIN_MS
  // What was taken while the database was away enters the ledger later.
  const inOrder = (rows: Awaited<ReturnType<typeof ledger>>) =>
    rows.every(({ state }) => state !== 'receiving' && state !== 'unconfirmed') &&
    subject.files.every(({ name }) =>
      rows.some(({ path, state, gone_at }) => path.endsWith(`/${name}`) && state === 'ready' && gone_at === null),
    )
  while (!inOrder(await ledger())) {
    if (performance.now() > end) throw new Error('an upload is left unfinished')
    await sleep(50)
    await world.revive()
  }
  const rows = await ledger()
  subject.uploads.push(...rows.filter(({ state }) => state === 'ready').map(({ id }) => id))
  return rows.filter(({ gone_at }) => gone_at !== null).map(({ id }) => id)
}

/** Enters a file that was put into its place on the host. */
export async function enterHostFile(world: World, team: Team, name: string): Promise<void> {
  const path = pathIn(IMPORTS, name)
  const area = diskFileArea(world.rootOf(team))
  const seen = seenFile(area, await area.stat(path))
  await fileFound(world.direct.db, team.id, {
    ...{ seen, settled: true, select: 'most_recent' as const },
    stands: async () => true,
  })
}

export async function readyUploads(world: World, { team }: Subject): Promise<string[]> {
  const rows = await world.direct.db
    .selectFrom('upload')
    .select('id')
    .where('team_id', '=', team.id)
    .where('state', '=', 'ready')
    .execute()
  return rows.map(({ id }) => id)
}

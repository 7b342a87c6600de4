import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rename, rm, rmdir, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { Leftovers } from '../../../files/leftovers.ts'
import { mayTakeName } from '../../../ingest/reading/last-record.ts'
import { createLog } from '../../../log.ts'
import { HIDDEN_FOLDER, teamPath } from '../../../model/team-path.ts'
import { sweep, UploadRecovery } from '../../../server/uploads/recover-uploads.ts'
import { allTeams } from '../../../store/teams.ts'
import { uploadReady } from '../../../store/uploads/publish-uploads.ts'
import { type StartedUpload, uploadStarted, uploadUnconfirmed } from '../../../store/uploads/received-bytes.ts'
import { leaveUploads } from '../../../store/uploads/unfinished-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { names, overlaid, teamLogin } from '../support/ftp-server.ts'

const { db, processName } = testDatabase()

async function setUp() {
  const { team } = await teamLogin(db)
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-recover-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const area = diskFileArea(folder)
  /** An upload as a process that died at some point left it. */
  const left = async (name: string, content: string | Buffer) => {
    const pending = await area.receive()
    const path = teamPath(`/${name}`)
    const upload: StartedUpload = {
      id: randomUUID(),
      teamId: team.id,
      path,
      source: 'ftp',
      account: 'sis',
      address: null,
      temporaryName: pending.temporaryName,
    }
    await uploadStarted(db, upload)
    await pending.write(Buffer.from(content))
    const identity = await pending.seal()
    const sha256 = createHash('sha256').update(content).digest('hex')
    const received = { bytes: pending.bytes, sha256, identity, receivedAt: new Date() }
    const unconfirmed = () => uploadUnconfirmed(db, upload, received)
    return { pending, path, upload, received, unconfirmed }
  }
  const open = async () => {
    await leaveUploads(db, processName)
    const recovery = new UploadRecovery({
      ...{ db, processName, fileAreaOf: ({ id }) => (id === team.id ? area : diskFileArea(join(folder, 'others'))) },
      mayTakeName: (team, path, file) => mayTakeName(db, team, path, file),
      ...{ leftovers: new Leftovers(), log: createLog('silent') },
    })
    await recovery.open()
    await recovery.stop()
  }
  const recover = async () => {
    await open()
    expect(await area.notes()).toEqual([])
    return (await latestUploads(db, team.id, 1))[0]
  }
  return { area, folder, left, open, recover }
}

test('an upload that was arriving is incomplete and leaves nothing', async () => {
  const { area, left, recover } = await setUp()
  await left('a.csv', 'one\n')
  expect(await recover()).toMatchObject({ state: 'incomplete' })
  expect(await names(area)).toEqual([])
})

const ends: { title: string; content: string | Buffer; verdict: string }[] = [
  { title: 'with a line feed', content: 'ID\n1\n', verdict: 'waiting' },
  { title: 'with a carriage return', content: 'ID\r1\r', verdict: 'waiting' },
  { title: 'with a UTF-16 line break', content: Buffer.from('\ufeffID\r\n', 'utf16le'), verdict: 'waiting' },
  { title: 'with a whole record without a line break', content: 'ID,Name\n1,Ann', verdict: 'waiting' },
  {
    title: 'with a record as wide as all, one value wider than the header',
    content: 'ID,Name\n1,A,\n2,B,',
    verdict: 'waiting',
  },
  { title: 'with a quoted line break', content: 'ID,Name\n1,"A\nB"\n', verdict: 'waiting' },
  { title: 'in mid-record', content: 'ID,Name\n1,Ann\n2', verdict: 'held' },
  { title: 'in a quoted value', content: 'ID,Name\n1,"A\n2,B', verdict: 'held' },
  { title: 'in its header', content: 'ID,Na', verdict: 'held' },
  { title: 'before it began', content: '', verdict: 'held' },
]
for (const { title, content, verdict } of ends)
  test(`an unconfirmed upload that ends ${title} is ${verdict}`, async () => {
    const { area, left, recover } = await setUp()
    await (await left('a.csv', content)).unconfirmed()
    const upload = await recover()
    expect(upload).toMatchObject({ state: 'ready', verdict })
    expect(upload?.verdictReason === null).toBe(verdict === 'waiting')
    expect(await names(area)).toEqual(verdict === 'waiting' ? ['a.csv'] : [])
  })

test('an upload that had its name already was confirmed, though the ledger had not heard of it', async () => {
  const { left, recover } = await setUp()
  const { pending, path, unconfirmed } = await left('a.csv', 'ID\n1')
  await unconfirmed()
  await pending.publish(path)
  expect(await recover()).toMatchObject({ state: 'ready', verdict: 'waiting' })
})

test('an unconfirmed upload does not replace what was received after it', async () => {
  const { area, left, open } = await setUp()
  const older = await left('a.csv', 'ID\n1\n')
  await older.unconfirmed()
  const newer = await left('a.csv', 'ID\n2\n')
  newer.received.receivedAt.setTime(Date.now() + 1)
  await newer.unconfirmed()
  await newer.pending.publish(newer.path)
  await uploadReady(db, { ...newer.upload, identity: newer.received.identity }, async () => undefined)
  await open()
  expect(await area.pending()).toEqual([older.upload.temporaryName])
  expect((await area.stat(newer.path)).identity).toEqual(newer.received.identity)
})

test('an unconfirmed upload whose file is gone is incomplete', async () => {
  const { left, recover } = await setUp()
  const { pending, unconfirmed } = await left('a.csv', 'ID\n')
  await unconfirmed()
  await pending.discard()
  expect(await recover()).toMatchObject({ state: 'incomplete' })
})

test('what the disk of a team refuses to show does not keep the service from starting', async () => {
  const { area, folder, open, recover } = await setUp()
  await (await area.receive()).seal()
  const unreadable = join(folder, HIDDEN_FOLDER, `${'a'.repeat(32)}.note`)
  await mkdir(unreadable)
  await open()
  await rmdir(unreadable)
  await recover()
  expect(await area.pending()).toEqual([])
})

test('a hidden file that no upload knows is removed', async () => {
  const { area, recover } = await setUp()
  await (await area.receive()).seal()
  await recover()
})

test('a file that was hidden in the place of another stays for whoever gives it its name back', async () => {
  const { area, folder, left, recover } = await setUp()
  const older = await left('a.csv', 'ID\n1\n')
  await older.unconfirmed()
  await recover()
  const newer = await left('a.csv', 'ID\n1\n2\n')
  await newer.unconfirmed()
  await recover()
  // As a process does that is about to remove the older one and dies before it looks.
  const { device, inode } = older.received.identity
  const hidden = createHash('sha256').update(`${device} ${inode}`).digest('hex').slice(0, 32)
  await rename(join(folder, 'a.csv'), join(folder, HIDDEN_FOLDER, hidden))
  await recover()
  await area.removeThis(newer.path, older.received.identity)
  expect((await area.stat(newer.path)).identity).toEqual(newer.received.identity)
  expect(await area.pending()).toEqual([])
})

test('beside another process a hidden file that no upload or note knows is removed after a day', async () => {
  const { area, folder } = await setUp()
  const [young, old, noted] = [await area.receive(), await area.receive(), await area.receive()]
  for (const pending of [young, old, noted]) await pending.seal()
  await area.keepNote(noted.temporaryName, 'told 226 while the database was away')
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  for (const { temporaryName } of [old, noted])
    await utimes(join(folder, HIDDEN_FOLDER, temporaryName), yesterday, yesterday)
  await sweep({ db, fileAreaOf: () => area, log: createLog('silent') })
  expect((await area.pending()).sort()).toEqual([young.temporaryName, noted.temporaryName].sort())
})

test('a folder that refuses does not keep those of the other teams from being swept', async () => {
  const { area, folder } = await setUp()
  await teamLogin(db)
  const [refusing] = await allTeams(db)
  const old = await area.receive()
  await old.seal()
  const yesterday = new Date(Date.now() - 25 * 3_600_000)
  await utimes(join(folder, HIDDEN_FOLDER, old.temporaryName), yesterday, yesterday)
  const refused = overlaid(area, { pending: () => Promise.reject(new Error('EIO')) })
  const log = createLog('silent')
  await sweep({ db, fileAreaOf: ({ id }) => (id === refusing?.id ? refused : area), log })
  expect(await area.pending()).toEqual([])
})

import { mkdtemp, readdir, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { listCandidates } from '../../../ingest/choosing/list-candidates.ts'
import { createLog } from '../../../log.ts'
import type { ImportSettings } from '../../../model/import-settings.ts'
import { teamPath } from '../../../model/team-path.ts'
import { mayRead, mayTake, mayTouch } from '../../../server/uploads/permissions.ts'
import { openDatabase } from '../../../store/postgres/database.ts'
import { removeUpload, renameUpload } from '../../../store/uploads/arrived-files.ts'
import { interruptedUpload } from '../../../store/uploads/interrupted-uploads.ts'
import { uploadIncomplete, uploadStarted, uploadUnconfirmed } from '../../../store/uploads/received-bytes.ts'
import { testDatabase } from '../../support/database.ts'
import { type Copy, Root, rosterOf, sha256Of } from './root.ts'
import { overlaid } from './second-mount.ts'

const first = testDatabase()
const second = openDatabase(first.address, createLog('silent'))
const base = await mkdtemp(join(tmpdir(), 'rosterport-restore-'))
afterAll(() => second.close())
afterAll(() => rm(base, { recursive: true, force: true }))

async function rootOf(file: Partial<ImportSettings['file']> = {}): Promise<Root> {
  const root = await Root.make(base, [first, second], file)
  onTestFinished(() => root.remove())
  return root
}

const MOVE = { action: 'move', path: teamPath('/archive') } as const
const COPIES: Copy[] = ['cp -a', 'tar', 'plain']
const restoreNow = async (root: Root, how: Copy = 'cp -a') => root.restore(await root.backUp(), how)
const verdicts = async (root: Root) =>
  Object.fromEntries((await root.present()).map(({ path, verdict }) => [path.split('/').pop(), verdict]))

for (const how of COPIES)
  describe(`after a restore by ${how}`, () => {
    test('a held, a rejected and a waiting file keep receipt time and verdict, and the newest is imported', async () => {
      const root = await rootOf()
      await root.upload('held.csv', `${rosterOf(1)}cut`, { confirmed: false })
      await root.run()
      await root.upload('rejected.csv', 'no header at all\n')
      await root.run()
      for (const [at, name] of ['c.csv', 'b.csv', 'a.csv'].entries()) await root.upload(name, rosterOf(at + 2))
      const before = await root.present()
      expect(await verdicts(root)).toMatchObject({ 'rejected.csv': 'rejected', 'a.csv': 'waiting' })
      await root.restart(() => restoreNow(root, how))
      await root.look(0, 0)
      expect(await root.present()).toEqual(before)
      await root.run()
      expect(await root.version()).toBe(4)
      expect(await verdicts(root)).toMatchObject({ 'b.csv': 'superseded', 'c.csv': 'superseded' })
      expect((await root.uploads()).filter(({ verdict }) => verdict === 'held')).toHaveLength(1)
      expect(await root.uploads()).toHaveLength(5)
    })

    test('a file that is held beside can be approved, and leaves nothing', async () => {
      const root = await rootOf({ afterImport: MOVE })
      await root.upload('a.csv', `${rosterOf(1)}cut`, { confirmed: false })
      await root.run()
      await root.restart(() => restoreNow(root, how))
      const [held] = await root.batches()
      const { area } = root.process()
      const approved = await root.approve(held?.id ?? '')
      if (!('runId' in approved)) throw new Error(JSON.stringify(approved))
      await root.ended(approved.runId)
      expect(await root.version()).toBe(1)
      expect((await root.batches()).at(-1)).toMatchObject({ state: 'imported_with_errors', after_state: 'none' })
      expect(await area.pending()).toEqual([])
    })

    test('an older copy of the files brings nothing back that was imported, replaced or removed', async () => {
      const root = await rootOf()
      for (const [at, name] of ['imported.csv', 'replaced.csv', 'removed.csv'].entries())
        await root.upload(name, rosterOf(at + 1))
      const backup = await root.backUp()
      await root.upload('replaced.csv', rosterOf(4))
      await root.run()
      await root.upload('imported.csv', rosterOf(5))
      await root.run()
      await root.restart(() => root.restore(backup, how))
      await root.run(1)
      expect(await root.version()).toBe(5)
      expect((await root.batches()).filter(({ state }) => state === 'imported')).toHaveLength(2)
      expect(await root.uploads()).toHaveLength(5)
    })

    test('an account that may only upload still has its own files, and an interrupted upload to continue', async () => {
      const root = await rootOf()
      await root.upload('a.csv', rosterOf(1))
      const pending = await root.area().receive()
      await pending.write(Buffer.from('ID,Fi'))
      await pending.seal()
      const path = root.pathOf('b.csv')
      const { temporaryName } = pending
      const upload = { id: crypto.randomUUID(), teamId: root.team.id, path, account: 'sis', address: null }
      await uploadStarted(root.db, { ...upload, source: 'ftp', temporaryName })
      await uploadIncomplete(root.db, upload.id, 5)
      await root.restart(() => restoreNow(root, how))
      const user = (username: string) =>
        ({ account: { username, permissions: 'upload' }, team: root.team, area: root.area() }) as never
      const file = await root.area().open(root.pathOf('a.csv'))
      for (const [username, may] of [
        ['other', false],
        ['sis', true],
      ] as const) {
        expect(await mayRead(root.db, user(username), file)).toBe(may)
        expect(await mayTouch(root.db, user(username), root.pathOf('a.csv'))).toBe(may)
        expect(await mayTake(root.db, user(username), root.pathOf('a.csv'))).toBe(may)
      }
      await file.close()
      const kept = await interruptedUpload(root.db, { teamId: root.team.id, account: 'sis', path })
      const open = await root.area().openPending(kept?.temporaryName ?? '')
      expect(open.entry.bytes).toBe(5)
      await open.close()
    })

    test('an upload that was not confirmed is published once', async () => {
      const root = await rootOf()
      const db = root.db
      const pending = await root.area().receive()
      await pending.write(Buffer.from(rosterOf(7)))
      const identity = await pending.seal()
      const { temporaryName, bytes } = pending
      const upload = { id: crypto.randomUUID(), teamId: root.team.id, path: root.pathOf('a.csv'), account: 'sis' }
      const received = { bytes, sha256: sha256Of(rosterOf(7)), identity, receivedAt: new Date() }
      await uploadUnconfirmed(db, { ...upload, source: 'ftp', address: null, temporaryName }, received)
      await db.updateTable('upload').set({ process: null }).where('id', '=', upload.id).execute()
      // It had its name already when its process died.
      await pending.publish(upload.path)
      await root.restart(() => restoreNow(root, how))
      await root.recover()
      expect(await root.look(0, 0)).toMatchObject([{ uploadId: upload.id, state: 'ready', verdict: 'waiting' }])
    })
  })

for (const [at, crash] of (['before', 'halfway', 'after'] as const).entries())
  for (const afterImport of [MOVE, { action: 'delete' } as const])
    test(`a process that died ${crash} the ${afterImport.action} leaves nothing to import again after a restore`, async () => {
      const root = await rootOf({ afterImport })
      await root.upload('a.csv', rosterOf(1))
      await root.run(0, crash, () => restoreNow(root, COPIES[at]))
      expect((await root.batches()).map(({ after_state }) => after_state)).toEqual(['done'])
      expect(await readdir(join(root.folder, 'imports'))).toEqual([])
      await root.run(1)
      expect(await root.batches()).toHaveLength(1)
      expect(await root.uploads()).toHaveLength(1)
    })

test('what a look does not find while the folder is away comes back with its verdicts', async () => {
  const root = await rootOf({ select: 'all_matching' })
  await root.upload('b.csv', rosterOf(1))
  await root.upload('a.csv', rosterOf(2))
  const before = await root.present()
  await root.restore(await root.backUp(), 'plain', () => root.look())
  expect(await root.present()).toEqual([])
  await root.look(1, 0)
  expect(await root.present()).toEqual(before)
})

test('a waiting file that comes back after a newer one was imported is superseded', async () => {
  const root = await rootOf()
  await root.upload('a.csv', rosterOf(1))
  const backup = await root.backUp()
  await unlink(root.diskOf('a.csv'))
  await root.look()
  await root.upload('b.csv', rosterOf(2))
  await root.run()
  await root.restore(backup, 'cp -a')
  await root.run()
  expect([await root.version(), await verdicts(root)]).toEqual([2, { 'a.csv': 'superseded' }])
})

test('where all files are imported, one that comes back is imported unless its name was given to another', async () => {
  const root = await rootOf({ select: 'all_matching' })
  await root.upload('a.csv', rosterOf(1))
  await root.upload('b.csv', rosterOf(2))
  const backup = await root.backUp()
  await unlink(root.diskOf('b.csv'))
  await root.copyIn('a.csv', rosterOf(3))
  await root.run()
  expect(await root.version()).toBe(3)
  await root.restore(backup, 'cp -a')
  await root.run()
  expect([await root.version(), await verdicts(root)]).toEqual([2, { 'a.csv': 'superseded' }])
})

test('what the host copied over comes back under the newer one, and is delivered again with the same bytes', async () => {
  const root = await rootOf({ afterImport: { action: 'move', path: teamPath('/blocked/archive') } })
  await root.block()
  for (const version of [1, 2, 1]) {
    await root.copyIn('a.csv', rosterOf(version))
    await root.run()
    expect(await root.version()).toBe(version)
  }
})

test('what was removed as soon as it had been copied in comes back as itself, and is not imported', async () => {
  const root = await rootOf()
  await root.copyIn('a.csv', rosterOf(1))
  const [seen] = await root.look()
  const backup = await root.backUp()
  await removeUpload(root.db, root.team.id, root.pathOf('a.csv'), () => root.area().remove(root.pathOf('a.csv')))
  // The clock of files ticks slowly: to the database it may have gone at the moment at which it was written.
  await root.db.updateTable('upload').set({ gone_at: sql`changed_at` }).where('team_id', '=', root.team.id).execute()
  await root.restore(backup, 'cp -a')
  const [known] = await root.uploads()
  // As a copy whose time is rounded up.
  const rounded = new Date(Number(known?.changed_at) + 1)
  await utimes(root.diskOf('a.csv'), rounded, rounded)
  await root.run()
  expect((await root.uploads()).map(({ id, verdict }) => [id, verdict])).toEqual([[seen?.uploadId, 'superseded']])
})

test('two processes on two mounts agree about every file and write nothing to say so', async () => {
  const root = await rootOf({ select: 'all_matching' })
  await root.upload('a.csv', rosterOf(1), { at: 0 })
  await root.upload('b.csv', rosterOf(2), { at: 1 })
  await root.copyIn('c.csv', rosterOf(3))
  const inOrder = async (at: number) => (await root.look(at)).toSorted((a, b) => a.path.localeCompare(b.path))
  const found = await inOrder(0)
  const written = async () =>
    (await sql`select id, xmin::text from upload where team_id = ${root.team.id} order by id`.execute(root.db)).rows
  const before = await written()
  for (const at of [1, 0, 1]) expect(await inOrder(at)).toEqual(found)
  expect(await written()).toEqual(before)
})

test('to look at files that the ledger knows takes as many queries as ever, and reads none of them', async () => {
  const root = await rootOf()
  for (const name of ['a.csv', 'b.csv', 'c.csv']) await root.upload(name, rosterOf(1))
  let [queries, reads] = [0, 0]
  const area = overlaid(root.area(), {
    open: (path) => {
      reads += 1
      return root.area().open(path)
    },
  })
  const count = () => {
    queries += 1
  }
  first.pool.on('acquire', count)
  onTestFinished(() => void first.pool.off('acquire', count))
  await listCandidates(root.db, area, root.team, root.settings.file, new Date())
  // What stands there, and what is on its way there.
  expect({ queries, reads }).toEqual({ queries: 2, reads: 0 })
})

test('a file is read once, whatever becomes of it, until it changes', async () => {
  const root = await rootOf()
  await root.upload('a.csv', rosterOf(1))
  let reads = 0
  const counted = (area = root.area()) =>
    overlaid(area, {
      open: (path) => {
        reads += 1
        return area.open(path)
      },
    })
  const look = () => listCandidates(root.db, counted(), root.team, root.settings.file, new Date())
  await restoreNow(root)
  for (const _ of [1, 2, 3]) await look()
  expect(reads).toBe(1)
})

test('a file that the disk refuses to read is entered all the same, so that people hear of it', async () => {
  const root = await rootOf()
  await root.copyIn('a.csv', rosterOf(1))
  const refused = overlaid(root.area(), { sha256: () => Promise.reject(new Error('EIO')) })
  const later = new Date(Date.now() + 61_000)
  const found = await listCandidates(root.db, refused, root.team, root.settings.file, later)
  expect(found).toMatchObject([{ verdict: 'waiting', uploadId: expect.any(String) }])
})

test('a host file is entered once, however many processes find it at the same time', async () => {
  const root = await rootOf()
  await root.copyIn('a.csv', rosterOf(1))
  const looks = await Promise.all([0, 1, 0, 1].map((at) => root.look(at)))
  expect(new Set(looks.flat().map(({ uploadId }) => uploadId)).size).toBe(1)
  expect(await root.uploads()).toHaveLength(1)
})

test('a file that the host writes into, with as many bytes as before, is a new file', async () => {
  const root = await rootOf({ afterImport: { action: 'move', path: teamPath('/blocked/archive') } })
  await root.block()
  await root.upload('a.csv', rosterOf(1))
  await root.run()
  const { ino, size, mtime } = await stat(root.diskOf('a.csv'))
  await writeFile(root.diskOf('a.csv'), rosterOf(2))
  await utimes(root.diskOf('a.csv'), mtime, mtime)
  expect(await stat(root.diskOf('a.csv'))).toMatchObject({ ino, size, mtime })
  await root.run()
  expect(await root.version()).toBe(2)
})

test('a new file of the same name and size that gets the inode of the old one is a new file', async () => {
  const root = await rootOf()
  await root.upload('a.csv', 'no header but of some size\n')
  await root.run()
  await unlink(root.diskOf('a.csv'))
  await writeFile(root.diskOf('a.csv'), 'no header but of same size\n')
  await root.look()
  expect(await root.uploads()).toHaveLength(2)
})

test('an upload of the same bytes to the same path is an upload of its own', async () => {
  const root = await rootOf()
  for (const _ of [1, 2]) {
    await root.upload('a.csv', rosterOf(1))
    await root.run()
  }
  expect((await root.batches()).map(({ state }) => state)).toEqual(['imported', 'imported'])
})

test('the same bytes copied in on the host once more are imported once more', async () => {
  const root = await rootOf()
  for (const _ of [1, 2]) {
    await root.copyIn('a.csv', rosterOf(1))
    await root.run()
  }
  expect((await root.batches()).map(({ state }) => state)).toEqual(['imported', 'imported'])
})

test('files that a restore brings and an older database does not know are taken in the order of their times', async () => {
  const root = await rootOf()
  for (const [name, version] of [
    ['z.csv', 1],
    ['m.csv', 2],
    ['a.csv', 3],
  ] as const) {
    await root.copyIn(name, rosterOf(version))
    const written = new Date(Date.now() - (10 - version) * 60_000)
    await utimes(root.diskOf(name), written, written)
  }
  await root.run()
  expect([await root.version(), await verdicts(root)]).toEqual([3, { 'm.csv': 'superseded', 'z.csv': 'superseded' }])
})

test('a renamed upload keeps its entry through a restore', async () => {
  const root = await rootOf()
  await root.upload('a.tmp', rosterOf(1))
  const [from, to] = [root.pathOf('a.tmp'), root.pathOf('a.csv')]
  await renameUpload(root.db, root.team.id, { from, to }, () => root.area().move(from, to, { replace: true }))
  await root.look()
  const before = await root.present()
  await restoreNow(root)
  await root.look(1)
  expect(await root.present()).toEqual(before)
})

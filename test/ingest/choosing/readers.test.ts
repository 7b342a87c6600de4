import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { fateWords, runFile } from '../../../ingest/choosing/fate-words.ts'
import { selectFiles } from '../../../ingest/choosing/select-files.ts'
import { teamFiles } from '../../../ingest/choosing/team-files.ts'
import { whatWillHappen } from '../../../ingest/choosing/upload-reply.ts'
import { Outlooks } from '../../../ingest/schedule/outlooks.ts'
import { forEachWindow } from '../../../model/daily-windows.ts'
import { nameOf, teamPath } from '../../../model/team-path.ts'
import { currentSettings, saveSettings } from '../../../store/settings.ts'
import { renameUpload } from '../../../store/uploads/arrived-files.ts'
import { uploadStarted, uploadUnconfirmed } from '../../../store/uploads/received-bytes.ts'
import { setVerdict } from '../../../store/uploads/verdict.ts'
import { waitingFiles } from '../../../web/imports/view.ts'
import { testDatabase } from '../../support/database.ts'
import { ASKER, Root, rosterOf } from '../restore/root.ts'

const pool = testDatabase()
const { db } = pool
const outlooks = new Outlooks(() => 0)
const base = await mkdtemp(join(tmpdir(), 'rosterport-readers-'))
const NO_IDENTITY = { device: 1n, inode: 1n, bytes: 1 }
const BLOCKED = { action: 'move', path: teamPath('/blocked') } as const
afterAll(() => rm(base, { recursive: true, force: true }))

async function filesIn(root: Root, now: Date) {
  const folders = [root.settings.file.path]
  return (await teamFiles({ db, outlooks, now }, root.area(), root.team, { folders })).items
}

async function aFileOfEachFate(): Promise<Root> {
  const root = await Root.make(base, [pool], { namePrefix: 'Student', select: 'all_matching', afterImport: BLOCKED })
  onTestFinished(() => root.remove())
  const { team, settings } = root
  await saveSettings(db, team.id, 1, { ...settings, schedule: forEachWindow(true) }, ASKER)
  await root.block()
  const undone = await root.upload('Student_undone.csv', rosterOf(1))
  await root.upload('Student_imported.csv', rosterOf(1))
  await root.upload('Student_rejected.csv', 'no header at all\n')
  await root.upload('Student_held.csv', `${rosterOf(1)}cut`, { confirmed: false })
  await root.run()
  const batch = (await root.batches()).find(({ upload_id }) => upload_id === undone)
  const actor = { name: ASKER, kind: 'administrator' as const, address: '192.0.2.7' }
  expect(await root.process().queue.undo(team, batch?.id ?? '', { email: ASKER, actor })).toEqual({ ok: true })
  await vi.waitUntil(async () => (await root.batches()).some(({ state }) => state === 'undone'), { timeout: 20_000 })
  const superseded = await root.upload('Student_superseded.csv', rosterOf(2))
  await setVerdict(db, superseded, { verdict: 'superseded', reason: 'Run 1 took the newer file b.csv instead.' })
  for (const name of ['Student.csv', 'student.csv', 'Staff.csv', 'Student.csv.part'])
    await root.upload(name, rosterOf(3))
  await root.copyIn('Student_settling.csv', rosterOf(4))
  for (const name of ['Student_receiving.csv', 'Staff_receiving.csv', 'Student_unconfirmed.csv']) {
    const id = randomUUID()
    const upload = { id, teamId: team.id, path: root.pathOf(name), account: 'sis', address: null }
    const entry = { ...upload, source: 'ftp' as const, temporaryName: id }
    await uploadStarted(db, entry)
    if (name.includes('unconfirmed'))
      await uploadUnconfirmed(db, entry, { bytes: 1, sha256: 'ab', identity: NO_IDENTITY, receivedAt: new Date() })
  }
  return root
}

test('the run, the files page and the reply give one answer for the same file in the same state', async () => {
  const root = await aFileOfEachFate()
  const { team } = root
  const now = new Date()
  const current = await currentSettings(db, team.id)
  const { fates } = selectFiles(await root.look(0, 0), current, 'scheduled')
  const shown = new Map((await filesIn(root, now)).map((f) => [f.path, f]))
  expect(shown.size).toBe(fates.length)

  const kinds: Record<string, string> = {}
  for (const { path, fate } of fates) {
    const name = nameOf(path)
    kinds[name] = fate.kind
    const page = shown.get(path)
    const reply = await whatWillHappen({ db, outlooks, now }, team, path)
    if (fate.kind === 'taken') {
      expect(page?.action, name).toBe('run_import')
      expect(reply.replace(`${name} will be`, 'It is'), name).toBe(page?.reason)
    } else expect(runFile({ path, fate }).reason, name).toBe(page?.reason)
    const isNamedWrong = ['never_imported', 'other_case', 'other_name'].includes(fate.kind)
    expect(reply.includes('not imported'), name).toBe(isNamedWrong)
  }
  expect(kinds).toEqual({
    'Student_undone.csv': 'undone',
    'Student_imported.csv': 'imported',
    'Student_rejected.csv': 'rejected',
    'Student_held.csv': 'held',
    'Student_superseded.csv': 'superseded',
    'Student.csv': 'taken',
    'student.csv': 'other_case',
    'Staff.csv': 'other_name',
    'Student.csv.part': 'never_imported',
    'Student_settling.csv': 'settling',
    'Student_receiving.csv': 'receiving',
    'Staff_receiving.csv': 'other_name',
    'Student_unconfirmed.csv': 'unconfirmed',
  })
})

test('with most recent the run and the files page say of an older file that a newer one comes first, or came', async () => {
  const root = await Root.make(base, [pool], { namePrefix: 'Student', afterImport: BLOCKED })
  onTestFinished(() => root.remove())
  const { team } = root
  await root.block()
  const early = root.pathOf('early.csv')
  await root.upload('early.csv', rosterOf(1))
  await root.upload('Student_imported.csv', rosterOf(2))
  await root.run()
  const [late, now] = [root.pathOf('Student_early.csv'), new Date()]
  await renameUpload(db, team.id, { from: early, to: late }, () => root.area().move(early, late, { replace: true }))
  await root.upload('Student_older.csv', rosterOf(3))
  await root.upload('Student_newest.csv', rosterOf(4))
  const page = new Map((await filesIn(root, now)).map((f) => [f.path, f.reason]))
  const settings = await currentSettings(db, team.id)
  const outlook = await outlooks.of(db, team, settings, now)
  const waiting = await waitingFiles({ db, fileAreaOf: () => root.area() }, team, settings, outlook, now)
  const told: Record<string, string> = {}
  for (const { candidate, fate } of waiting) {
    told[candidate.name] = fate.kind
    expect(fateWords(fate), candidate.name).toBe(page.get(candidate.path))
  }
  expect(told).toEqual({
    'Student_early.csv': 'superseded',
    'Student_imported.csv': 'imported',
    'Student_older.csv': 'newer_first',
    'Student_newest.csv': 'no_window',
  })
})

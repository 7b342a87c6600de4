import { expect, test } from 'vitest'
import { RoomWatch } from '../../../ingest/telling/no-room-notice.ts'
import { createLog } from '../../../log.ts'
import { createPerson } from '../../../store/people/people.ts'
import { testDatabase } from '../../support/database.ts'

const { db } = testDatabase()

test('owners are told once that imports wait for room on the disk', async () => {
  await createPerson(db, { email: 'owner@example.edu', name: '', role: 'owner', teamIds: [] })
  await createPerson(db, { email: 'kim@example.edu', name: '', role: 'admin', teamIds: [] })
  const queued: number[] = []
  const space = async () => ({ freeBytes: 4e9, totalBytes: 100e9 })
  const watch = new RoomWatch({ db, log: createLog('silent'), space, mailQueued: () => queued.push(1) })
  watch.importsWait()
  watch.importsWait()
  await watch.stop()
  const mails = await db.selectFrom('mail').select(['recipients', 'content']).execute()
  expect(mails.map(({ recipients, content }) => [recipients.map(({ address }) => address), content?.subject])).toEqual([
    [['owner@example.edu'], 'Disk full: imports wait'],
  ])
  expect(mails[0]?.content?.text).toContain('4.0 GB free, of which 5.0 GB are kept')
  expect(queued).toHaveLength(1)
})

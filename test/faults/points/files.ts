import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { batchesOf, disturbed, type Point, settle, upTo } from '../point.ts'
import { quiet } from '../quiet.ts'
import { rosterFiles, statesAfter } from '../roster.ts'
import { newSubject } from '../subject.ts'
import { ftpClient, uploadAll } from '../uploads.ts'

/** How many calls of the file system the way of three files takes, and a few more. */
const FILE_CALLS = 85
const HOWS = ['kill_before', 'kill_after', 'ENOSPC', 'EIO'] as const

/** The service dies, or the file system refuses, at a call on the team's files, uploads over FTPS included. */
export const FILE_POINTS: readonly Point[] = upTo(FILE_CALLS).flatMap((at) =>
  HOWS.map((how) => ({
    title: `file system call ${at}: ${how}`,
    async run(world) {
      const files = rosterFiles()
      const subject = await newSubject(world, files, { upload: false })
      const upload = await ftpClient(world, subject.team)
      await world.restart({ FAULT_AT: String(at), FAULT_HOW: how, FAULT_TEAM: subject.team.team })
      const faulty = world.service
      const replaced = await uploadAll(world, subject, upload)
      await world.press(subject.team)
      const diskRefused = how.startsWith('E')
      // A file that the disk refuses to read is rejected, and comes behind the others when somebody presses again.
      const allowed = { archived: !diskRefused, diskRefused, anyOrder: diskRefused }
      const wrong = await settle(world, subject, { replaced, ...allowed })
      if (!faulty.said.some((line) => line.includes('fault comes'))) world.missed()
      await world.restart()
      return wrong
    },
  })),
)

/** What stands between an upload and its import; a person presses afterwards. */
export const HINDRANCE_POINTS: readonly Point[] = [
  {
    title: 'a file vanishes after it was discovered',
    async run(world) {
      const subject = await newSubject(world, rosterFiles())
      const [, ...rest] = subject.uploads
      for (const state of statesAfter(rosterFiles().slice(1))) subject.states.add(state)
      const act = () => unlink(join(world.rootOf(subject.team), 'cadence/imports/StudentData_1.csv')).catch(() => {})
      await disturbed(world, subject, { at: 12, how: 'beside', act })
      await quiet(world, subject)
      const contacts = await world.contacts(subject.team)
      if (subject.states.has(contacts)) subject.end = contacts
      subject.uploads = rest
      return settle(world, subject, { archived: false })
    },
  },
  {
    title: 'the archive folder is a file',
    async run(world) {
      const subject = await newSubject(world, rosterFiles())
      await writeFile(join(world.rootOf(subject.team), 'cadence/archive'), 'in the way')
      await world.press(subject.team)
      const wrong = await settle(world, subject, { archived: false })
      await world.press(subject.team)
      await quiet(world, subject)
      const batches = await batchesOf(world, subject)
      if (batches.length !== 3) wrong.push(`${batches.length} batches instead of 3`)
      if (batches.some(({ warnings }) => !warnings.W_AFTER_IMPORT_FAILED)) wrong.push('a batch does not warn')
      return wrong
    },
  },
]

import { violations } from '../invariants.ts'
import { disturbed, type Point, until, upTo } from '../point.ts'
import { quiet } from '../quiet.ts'
import { rosterFiles, statesAfter } from '../roster.ts'
import { newSubject, RECIPIENTS, type Subject } from '../subject.ts'
import type { World } from '../world.ts'
import { HOWS, strike } from './messages.ts'
import { BY_ANOTHER_S, bystander, takenOver } from './processes.ts'

/** How many messages an undo sends, from the press to the mail that tells of it, and a few more. */
const UNDO_MESSAGES = 60

/** The last of three imports is undone, and at a message of that the connection is cut or the service is killed. */
export const UNDO_POINTS: readonly Point[] = upTo(UNDO_MESSAGES).flatMap((at) =>
  HOWS.map((how) => ({
    title: `PostgreSQL message ${at} of an undo: ${how}`,
    async run(world: World) {
      const { subject, press } = await imported(world)
      await strike(world, subject, at, how, press)
      await world.revive()
      return undone(world, subject, press)
    },
  })),
)

/** The process that undoes is frozen at a message, and woken up when it has been replaced. */
export const FROZEN_UNDO_POINTS: readonly Point[] = [18, 24, 30, 36].map((at) => ({
  title: `the process that undoes is frozen at message ${at}; another takes over, and the undo is done once`,
  async run(world) {
    const other = await bystander(world)
    const { subject, press } = await imported(world)
    const frozen = world.service
    const pressed = disturbed(world, subject, { at, how: 'beside', act: () => frozen.signal('SIGSTOP') }, press)
    await Promise.race([pressed, until('the freeze', () => frozen.stopped)])
    const slow = await takenOver(world, subject, BY_ANOTHER_S, async () => other.signal('SIGCONT'))
    frozen.signal('SIGCONT')
    await pressed
    const wrong = await undone(world, subject, press)
    await other.end()
    if (!frozen.alive) wrong.push('the process that woke up ended')
    return [...slow, ...wrong]
  },
}))

/** Three imports, and how somebody asks for the last one to be undone. */
async function imported(world: World): Promise<{ subject: Subject; press: () => Promise<unknown> }> {
  const subject = await newSubject(world, rosterFiles())
  await world.press(subject.team)
  await quiet(world, subject)
  const { id } = await lastBatch(world, subject)
  return { subject, press: () => world.call('POST', `/api/batches/${id}/undo`).catch(() => null) }
}

/** Waits until the last import is undone, and answers what is wrong then. */
async function undone(world: World, subject: Subject, press: () => Promise<unknown>): Promise<string[]> {
  // A press that was lost is made again; one that was heard is not.
  for (let presses = 0; (await lastBatch(world, subject)).state !== 'undone'; presses++) {
    if (presses === 5) return ['it was never undone']
    if ((await lastBatch(world, subject)).undo_request === null) await press()
    await quiet(world, subject)
  }
  await quiet(world, subject)
  subject.end = statesAfter(subject.files.slice(0, 2)).at(-1) as string
  const { id } = await lastBatch(world, subject)
  return [...(await violations(world, subject)), ...(await toldOnce(world, id))]
}

async function lastBatch(world: World, { team }: Subject) {
  return world.direct.db
    .selectFrom('batch')
    .select(['id', 'state', 'undo_request'])
    .where('team_id', '=', team.id)
    .orderBy('finished_at', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
}

/** Who undid it stands in the audit once, and everybody on the list has heard of it once. */
async function toldOnce(world: World, batchId: string): Promise<string[]> {
  const wrong: string[] = []
  const entries = await world.direct.db.selectFrom('audit').select('id').where('subject', '=', batchId).execute()
  if (entries.length !== 1) wrong.push(`${entries.length} entries in the audit instead of 1`)
  const told = () => world.mail.mails.filter(({ parsed }) => parsed.subject?.endsWith('import undone'))
  await until('the mail of the undo', () => told().length > 0)
  for (const address of RECIPIENTS)
    if (!told().some(({ to }) => to.includes(address))) wrong.push(`${address} has not heard of the undo`)
  if (new Set(told().map(({ parsed }) => parsed.messageId)).size !== 1) wrong.push('the undo was told twice')
  return wrong
}

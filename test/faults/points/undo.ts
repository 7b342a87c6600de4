import { violations } from '../invariants.ts'
import { type Point, until, upTo } from '../point.ts'
import { quiet } from '../quiet.ts'
import { rosterFiles, statesAfter } from '../roster.ts'
import { newSubject, RECIPIENTS, type Subject } from '../subject.ts'
import type { World } from '../world.ts'
import { HOWS, strike } from './messages.ts'

/** How many messages an undo sends, from the press to the mail that tells of it, and a few more. */
const UNDO_MESSAGES = 60

/** The last of three imports is undone, and at a message of that the connection is cut or the service is killed. */
export const UNDO_POINTS: readonly Point[] = upTo(UNDO_MESSAGES).flatMap((at) =>
  HOWS.map((how) => ({
    title: `PostgreSQL message ${at} of an undo: ${how}`,
    async run(world: World) {
      const files = rosterFiles()
      const subject = await newSubject(world, files)
      await world.press(subject.team)
      await quiet(world, subject)
      const { id } = await lastBatch(world, subject)
      const press = () => world.call('POST', `/api/batches/${id}/undo`).catch(() => null)
      await strike(world, subject, at, how, press)
      await world.revive()
      // A press that was lost is made again; one that was heard is not.
      for (let presses = 0; (await lastBatch(world, subject)).state !== 'undone'; presses++) {
        if (presses === 5) return ['it was never undone']
        if ((await lastBatch(world, subject)).undo_request === null) await press()
        await quiet(world, subject)
      }
      await quiet(world, subject)
      subject.end = statesAfter(files.slice(0, 2)).at(-1) as string
      return [...(await violations(world, subject)), ...(await toldOnce(world, id))]
    },
  })),
)

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

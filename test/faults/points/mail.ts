import type { MailFault } from '../mail-sink.ts'
import { type Point, runEnded, settle, until } from '../point.ts'
import { rosterFiles } from '../roster.ts'
import { newSubject } from '../subject.ts'
import type { World } from '../world.ts'

const STAGES = ['connect', 'from', 'to', 'data', 'accepted'] as const
const FAULTS: readonly Pick<MailFault, 'stage' | 'how'>[] = [
  ...STAGES.flatMap((stage) => (['cut', 'defer', 'slow'] as const).map((how) => ({ stage, how }))),
  { stage: 'accepted', how: 'lost' },
]

/** The mail server fails at a stage, twice. */
const serverPoints: Point[] = FAULTS.map(({ stage, how }) => ({
  title: `mail server, ${stage}: ${how}`,
  async run(world) {
    const subject = await newSubject(world, rosterFiles())
    world.mail.fault = { stage, how, times: 2 }
    await world.press(subject.team)
    return settle(world, subject)
  },
}))

/** The service is killed at a stage; `kept`: the mail server has the message, and says so to nobody. */
const killPoints: Point[] = [...STAGES, 'kept' as const].map((stage) => ({
  title: `killed while it sends a mail, ${stage === 'kept' ? 'after it was kept' : stage}`,
  async run(world) {
    const subject = await newSubject(world, rosterFiles())
    const { service } = world
    const kill = () => service.signal('SIGKILL')
    world.mail.fault = {
      stage: stage === 'kept' ? 'accepted' : stage,
      how: stage === 'kept' ? 'lost' : 'cut',
      times: 1,
      kill,
    }
    await world.press(subject.team)
    await service.gone()
    return settle(world, subject)
  },
}))

export const MAIL_POINTS: readonly Point[] = [
  ...serverPoints,
  ...killPoints,
  {
    title: 'mail server refuses one of three recipients for good',
    async run(world) {
      const subject = await newSubject(world, rosterFiles())
      world.mail.refused.add('it@example.edu')
      await world.press(subject.team)
      const wrong = await settle(world, subject, { refused: ['it@example.edu'] })
      const mails = await world.direct.db
        .selectFrom('mail')
        .select(['recipients', 'state'])
        .where('team_id', '=', subject.team.id)
        .execute()
      for (const { recipients } of mails)
        if (recipients.find(({ address }) => address === 'it@example.edu')?.state !== 'failed')
          wrong.push('the refusal of one recipient was not recorded')
      return wrong
    },
  },
  {
    title: 'mail server puts one of three recipients off',
    async run(world) {
      const subject = await newSubject(world, rosterFiles())
      world.mail.deferred.add('it@example.edu')
      await world.press(subject.team)
      await until('the mails for the others', () => recapsFor(world, 'dean@example.edu') >= 3)
      world.mail.deferred.clear()
      const wrong = await settle(world, subject)
      const twice = recapsFor(world, 'dean@example.edu') - 3
      if (twice > 0) wrong.push(`${twice} recaps went twice to a recipient who had them`)
      return wrong
    },
  },
  {
    title: 'mail server is down during the whole run',
    async run(world) {
      const subject = await newSubject(world, rosterFiles())
      const port = Number(new URL(world.mail.url).port)
      const down = await world.mailDown()
      await world.press(subject.team)
      await runEnded(world, subject)
      await down.up(port)
      return settle(world, subject)
    },
  },
]

function recapsFor(world: World, address: string): number {
  return world.mail.mails.filter(({ to, parsed }) => to.includes(address) && parsed.headers.has('x-rosterport-batch'))
    .length
}

import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Expectation, violations } from './invariants.ts'
import type { MailFault } from './mail-sink.ts'
import type { MessageFault } from './postgres-proxy.ts'
import { newerFirstFile, rosterFiles, statesAfter } from './roster.ts'
import type { ServiceProcess } from './service-process.ts'
import type { Subject, World } from './world.ts'

/** One fault at one point. Answers what was wrong afterwards. */
export interface Point {
  title: string
  run(world: World): Promise<string[]>
}

/** Presses until everything that was uploaded has been dealt with, as a person who sees no run does. */
async function settle(world: World, subject: Subject, expected: Expectation = {}): Promise<string[]> {
  await world.revive()
  await world.quiet(subject)
  for (let press = 0; press < 3 && (await left(world, subject, expected)); press++) {
    await world.press(subject.team)
    await world.quiet(subject)
  }
  return violations(world, subject, expected)
}

async function left(world: World, { uploads }: Subject, { replaced = [] }: Expectation): Promise<boolean> {
  const open = uploads.filter((id) => !replaced.includes(id))
  const { rows } = await world.direct.pool.query(
    `select 1 from upload where id = any($1) and not exists (
      select from batch where upload_id = upload.id and state in ('imported', 'imported_with_errors'))`,
    [open],
  )
  return rows.length > 0
}

export type MessageHow = 'cut' | 'lost_reply' | 'kill' | 'kill_after'
export const MESSAGE_HOWS: readonly MessageHow[] = ['cut', 'lost_reply', 'kill', 'kill_after']

/** How many messages an undisturbed run of three files sends. */
export async function countMessages(world: World): Promise<number> {
  const subject = await world.subject(rosterFiles())
  world.proxy.arm(null)
  await world.press(subject.team)
  await world.quiet(subject)
  const { seen } = world.proxy
  const wrong = await violations(world, subject)
  if (wrong.length > 0) throw new Error(`without any fault: ${wrong.join('; ')}`)
  return seen
}

/** At the k-th message of the run the connection is cut or the service is killed, before or after PostgreSQL has acted. */
export function messagePoint(at: number, how: MessageHow): Point {
  return {
    title: `PostgreSQL message ${at}: ${how}`,
    async run(world) {
      const subject = await world.subject(rosterFiles())
      const act = how.startsWith('kill') ? () => world.service.signal('SIGKILL') : () => {}
      await disturbed(world, subject, { at, how: how === 'cut' || how === 'kill' ? 'before' : 'after', act })
      return settle(world, subject)
    },
  }
}

/** Presses with the fault set, and waits until it has come or everything is over. */
async function disturbed(world: World, subject: Subject, fault: MessageFault): Promise<void> {
  world.proxy.arm(fault)
  await world.press(subject.team)
  const until = Date.now() + 3_000
  while (world.proxy.armed && Date.now() < until) await sleep(10)
  world.proxy.arm(null)
  // A killed process needs a moment until it is gone.
  await world.service.ended(100)
}

/** The service dies, or the file system refuses, at the k-th call on the team's files, uploads over FTPS included. */
export function filePoint(at: number, how: 'kill_before' | 'kill_after' | 'ENOSPC' | 'EIO'): Point {
  return {
    title: `file system call ${at}: ${how}`,
    async run(world) {
      const files = rosterFiles()
      const subject = await world.subject(files, { upload: false })
      const upload = await world.ftpClient(subject.team)
      await world.service.end()
      await world.start({ FAULT_AT: String(at), FAULT_HOW: how, FAULT_TEAM: subject.team.team })
      for (const file of files) {
        for (let attempt = 0; attempt < 4 && !(await upload(file)); attempt++) {
          await world.service.ended(300)
          await world.revive()
        }
        await world.revive()
      }
      const accepted = async () =>
        world.direct.db
          .selectFrom('upload')
          .select(['id', 'state', 'gone_at'])
          .where('team_id', '=', subject.team.id)
          .orderBy('started_at')
          .execute()
      // The service has said that it has them: whatever is unfinished now has to be finished by it.
      const until = Date.now() + 30_000
      while ((await accepted()).some(({ state }) => state === 'receiving' || state === 'unconfirmed')) {
        if (Date.now() > until) return ['an upload is left unfinished']
        await sleep(50)
        await world.revive()
      }
      const rows = await accepted()
      subject.uploads.push(...rows.filter(({ state }) => state === 'ready').map(({ id }) => id))
      await world.press(subject.team)
      await world.service.ended(300)
      // A file that was sent twice is replaced by its second upload.
      const replaced = rows.filter(({ gone_at }) => gone_at !== null).map(({ id }) => id)
      const wrong = await settle(world, subject, { replaced, archived: how.startsWith('kill') })
      await world.service.end()
      await world.start()
      return wrong
    },
  }
}

const MAIL_STAGES: readonly { title: string; fault: MailFault }[] = (
  [
    ['connect', 'cut'],
    ['connect', 'defer'],
    ['from', 'cut'],
    ['from', 'defer'],
    ['to', 'cut'],
    ['to', 'defer'],
    ['data', 'cut'],
    ['data', 'defer'],
    ['accepted', 'cut'],
    ['accepted', 'defer'],
    ['accepted', 'lost'],
    ['from', 'slow'],
    ['data', 'slow'],
  ] as const
).map(([stage, how]) => ({ title: `mail server, ${stage}: ${how}`, fault: { stage, how, times: 2 } }))

export const MAIL_POINTS: readonly Point[] = [
  ...MAIL_STAGES.map(({ title, fault }) => ({
    title,
    async run(world: World) {
      const subject = await world.subject(rosterFiles())
      world.mail.fault = { ...fault }
      await world.press(subject.team)
      const wrong = await settle(world, subject)
      world.mail.fault = null
      return wrong
    },
  })),
  {
    title: 'mail server refuses one of three recipients for good',
    async run(world) {
      const subject = await world.subject(rosterFiles())
      world.mail.refused.add('it@example.edu')
      await world.press(subject.team)
      const wrong = await settle(world, subject, { refused: ['it@example.edu'] })
      world.mail.refused.clear()
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
    title: 'mail server is down during the whole run',
    async run(world) {
      const subject = await world.subject(rosterFiles())
      const port = Number(new URL(world.mail.url).port)
      const down = await world.mailDown()
      await world.press(subject.team)
      await runEnded(world, subject)
      await down.up(port)
      return settle(world, subject)
    },
  },
]

async function runEnded(world: World, { team }: Subject): Promise<void> {
  for (;;) {
    const { rows } = await world.direct.pool.query(
      `select 1 from run where team_id = $1 and state in ('queued', 'running')`,
      [team.id],
    )
    if (rows.length === 0) return
    await sleep(20)
  }
}

/** PostgreSQL is restarted at the k-th message of a run. */
export function restartPoint(at: number, how: 'SIGINT' | 'SIGQUIT'): Point {
  return {
    title: `PostgreSQL restarted (${how === 'SIGINT' ? 'fast' : 'immediate'}) at message ${at}`,
    async run(world) {
      const subject = await world.subject(rosterFiles())
      let restarted: Promise<void> = Promise.resolve()
      await disturbed(world, subject, {
        at,
        how: 'beside',
        act: () => {
          restarted = world.restartPostgres(how)
        },
      })
      await restarted
      const wrong = await settle(world, subject)
      if (!world.service.alive) wrong.push('the service ended')
      return wrong
    },
  }
}

/** A newer version of the first file is received at the k-th message of a run. */
export function replacePoint(at: number): Point {
  return {
    title: `the first file is replaced at message ${at}`,
    async run(world) {
      const files = rosterFiles()
      const newer = newerFirstFile()
      const subject = await world.subject(files)
      const [, ...rest] = files
      for (const order of [
        [...files, newer],
        [...rest, newer],
      ])
        for (const state of statesAfter(order)) subject.states.add(state)
      subject.end = statesAfter([...files, newer]).at(-1) as string
      let upload: Promise<string> = Promise.resolve('')
      await disturbed(world, subject, {
        at,
        how: 'beside',
        act: () => {
          upload = world.upload(subject.team, newer)
        },
      })
      const first = subject.uploads[0] as string
      subject.uploads.push(await upload)
      const wrong = await settle(world, subject, { replaced: [first], archived: false })
      const { imports, archive } = await world.filesOf(subject.team)
      if (imports.length > 0) wrong.push(`${imports.join()} still stands in the File Path`)
      if (archive.length < 3) wrong.push(`only ${archive.length} files were kept`)
      return wrong
    },
  }
}

const LARGE = 4_000

/** A process left behind has to be replaced within this. */
const TAKEN_OVER_WITHIN_S = 30

/** The importing process dies at the k-th message that the processes send. */
function diesPoint(at: number): Point {
  return {
    title: `the process that imports dies at message ${at}; another takes over within ${TAKEN_OVER_WITHIN_S} s`,
    async run(world) {
      const other = await bystander(world)
      const subject = await world.subject(rosterFiles(LARGE))
      await disturbed(world, subject, { at, how: 'before', act: () => world.service.signal('SIGKILL') })
      other.signal('SIGCONT')
      const slow = await takenOver(world, subject)
      const wrong = await settle(world, subject)
      await other.end()
      return [...slow, ...wrong]
    },
  }
}

/** The importing process is frozen at the k-th message that the processes send, and woken up when it has been replaced. */
function frozenPoint(at: number): Point {
  return {
    title: `the process that imports is frozen at message ${at}; another takes over, and what it does when it wakes is void`,
    async run(world) {
      const other = await bystander(world)
      const subject = await world.subject(rosterFiles(LARGE))
      const frozen = world.service
      await disturbed(world, subject, { at, how: 'beside', act: () => frozen.signal('SIGSTOP') })
      other.signal('SIGCONT')
      const slow = await takenOver(world, subject)
      frozen.signal('SIGCONT')
      await sleep(500)
      const wrong = await settle(world, subject)
      await other.end()
      return [...slow, ...wrong]
    },
  }
}

/** Another process, halted so that it cannot be the one that takes the run first. */
async function bystander(world: World): Promise<ServiceProcess> {
  const other = world.newProcess()
  await other.ready()
  other.signal('SIGSTOP')
  return other
}

/** Waits until the run has ended in other hands than those that hold it now. */
async function takenOver(world: World, { team }: Subject): Promise<string[]> {
  const begun = Date.now()
  const since = () => (Date.now() - begun) / 1000
  let first: string | null = null
  let taken: number | null = null
  while (since() < 2 * TAKEN_OVER_WITHIN_S) {
    const run = await world.direct.db
      .selectFrom('run')
      .select('lease_owner')
      .where('team_id', '=', team.id)
      .where('state', 'in', ['queued', 'running'])
      .executeTakeFirst()
    if (!run) break
    first ??= run.lease_owner
    if (first !== run.lease_owner) taken ??= since()
    await sleep(10)
  }
  if (first === null) return ['nobody had the run when the fault came']
  if (taken === null) return ['nobody took the run over']
  process.stdout.write(`     taken over after ${taken.toFixed(1)} s, ended after ${since().toFixed(1)} s\n`)
  return since() > TAKEN_OVER_WITHIN_S ? [`it took ${since()} s`] : []
}

export const PROCESS_POINTS: readonly Point[] = [
  {
    title: 'two processes and 50 presses of Run Import: one run',
    async run(world) {
      const other = world.newProcess()
      await other.ready()
      const subject = await world.subject(rosterFiles(LARGE))
      const presses = await Promise.all(
        Array.from({ length: 50 }, (_, i) => world.press(subject.team, i % 2 ? other : world.service)),
      )
      const started = presses.filter(({ status }) => status === 202)
      const wrong = await settle(world, subject)
      if (started.length !== 1) wrong.push(`${started.length} presses started a run`)
      if (presses.some(({ status, runId }) => ![202, 409].includes(status) || runId !== started[0]?.runId))
        wrong.push('a press was told something else than the run that is going')
      await other.end()
      return wrong
    },
  },
  ...[24, 40, 60].map(diesPoint),
  ...[24, 60].map(frozenPoint),
]

/** What stands between an upload and its import; a person presses afterwards. */
export const PRESS_POINTS: readonly Point[] = [
  {
    title: 'a file vanishes after it was discovered',
    async run(world) {
      const subject = await world.subject(rosterFiles())
      const [, ...rest] = subject.uploads
      for (const state of statesAfter(rosterFiles().slice(1))) subject.states.add(state)
      await disturbed(world, subject, {
        at: 12,
        how: 'beside',
        act: () => unlink(join(world.rootOf(subject.team), 'cadence/imports/StudentData_1.csv')).catch(() => {}),
      })
      await world.quiet(subject)
      const contacts = await world.contacts(subject.team)
      if (subject.states.has(contacts)) subject.end = contacts
      subject.uploads = rest
      return settle(world, subject, { archived: false })
    },
  },
  {
    title: 'the archive folder is a file',
    async run(world) {
      const subject = await world.subject(rosterFiles())
      await writeFile(join(world.rootOf(subject.team), 'cadence/archive'), 'in the way')
      await world.press(subject.team)
      const wrong = await settle(world, subject, { archived: false })
      await world.press(subject.team)
      await world.quiet(subject)
      const batches = await world.direct.db
        .selectFrom('batch')
        .select(['state', 'warnings'])
        .where('team_id', '=', subject.team.id)
        .execute()
      if (batches.length !== 3) wrong.push(`${batches.length} batches instead of 3`)
      if (batches.some(({ warnings }) => !warnings.W_AFTER_IMPORT_FAILED)) wrong.push('a batch does not warn')
      return wrong
    },
  },
]

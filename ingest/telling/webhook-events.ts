import { DAILY_WINDOWS, type Slot } from '../../model/daily-windows.ts'
import type { Batch, Run } from '../../model/run.ts'
import type { Team } from '../../model/team.ts'
import type { WEBHOOK_EVENTS } from '../../model/webhook.ts'
import { queueEvent } from '../../store/outbox.ts'
import type { Database } from '../../store/postgres/database.ts'
import { findBatch, findRun } from '../../store/runs/run-history.ts'
import { currentSettings } from '../../store/settings.ts'
import { sentenceOf } from './recap.ts'

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number]

/** The end of a batch, by its state, or what a person decided on it. */
export type Happened = 'ended' | 'approved' | 'discarded'

const DECIDED = {
  approved: 'The held file was approved and is imported now.',
  discarded: 'The held file was discarded. Nothing of it was imported.',
} as const

/** Queues what has become of a batch, in the transaction in which it becomes so. */
export async function queueBatchEvent(tx: Database, team: Team, batchId: string, happened: Happened): Promise<void> {
  const url = await urlOf(tx, team)
  if (url === null) return
  const found = await findBatch(tx, batchId)
  const run = found && (await findRun(tx, found.runId))?.run
  if (!run) return
  const type = `batch.${happened === 'ended' ? found.batch.state : happened}` as WebhookEventType
  await queueEvent(
    tx,
    team.id,
    url,
    type,
    eventBody(type, team, {
      ...batchFacts(run, found.batch),
      sentence: happened === 'ended' ? sentenceOf(found.batch) : DECIDED[happened],
    }),
  )
}

/** Queues that windows were missed or passed without a file. */
export async function queueWindowEvents(
  tx: Database,
  team: Team,
  type: 'window.missed' | 'window.empty',
  slots: readonly Slot[],
): Promise<void> {
  const url = await urlOf(tx, team)
  if (url === null) return
  for (const { name, date } of slots) {
    const title = DAILY_WINDOWS[name].title
    const sentence =
      type === 'window.empty'
        ? `The window ${title} of ${date} passed without a file.`
        : `The window ${title} of ${date} was missed. Files that wait are imported in the next one.`
    await queueEvent(tx, team.id, url, type, eventBody(type, team, { window: { name, date }, sentence }))
  }
}

/** Queues that no importable file has come since `last`. */
export async function queueOverdueEvent(tx: Database, team: Team, hours: number, last: Date): Promise<void> {
  const url = await urlOf(tx, team)
  if (url === null) return
  const sentence = `No file that can be imported has arrived for more than ${hours === 1 ? 'an hour' : `${hours} hours`}.`
  const facts = { lastFileAt: last.toISOString(), hours, sentence }
  await queueEvent(tx, team.id, url, 'file.overdue', eventBody('file.overdue', team, facts))
}

export function testBody(team: Team): string {
  return eventBody('test', team, { sentence: `This is a test. The events of ${team.name} reach this address.` })
}

function eventBody(type: WebhookEventType, team: Team, facts: object): string {
  return JSON.stringify({ type, timestamp: new Date().toISOString(), data: { team: team.team, ...facts } })
}

/** As the API shows them, without anything that names a person: no values, samples, Contact IDs or addresses. */
function batchFacts({ id, number, trigger, window }: Run, batch: Batch): object {
  const { state, path, fileName, bytes, sha256, receivedAt, startedAt, finishedAt, settingsVersion } = batch
  const { counts, errorsKept, warnings, problem, held, undone } = batch
  return {
    run: { id, number, trigger, window },
    batch: {
      ...{ id: batch.id, state, path, fileName, bytes, sha256, receivedAt, startedAt, finishedAt, settingsVersion },
      ...{ counts, errorsKept, warnings },
      // The message may quote a header, which in a file without one is a record.
      problem: problem && { code: problem.code },
      held: held && {
        findings: held.findings.map(({ rule }) => ({ rule })),
        counts: held.counts,
        revision: held.revision,
        decision: held.decision,
      },
      undone: undone && { restored: undone.restored, removed: undone.removed, left: undone.left, at: undone.at },
    },
  }
}

async function urlOf(tx: Database, team: Team): Promise<string | null> {
  return (await currentSettings(tx, team.id)).webhook?.url ?? null
}

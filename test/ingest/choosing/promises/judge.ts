import type { Fate, WindowTurn } from '../../../../ingest/choosing/fate.ts'
import { type Attempt, HOUR, MINUTE, SECOND, type World } from './world.ts'

/** What a reader was told of an upload, and when. */
export interface Promised {
  at: number
  uploadId: string
  fate: Fate
  mostRecent: boolean
  /** The uploads that were there with the name that the fate tells. */
  newer: string[]
  /** So many attempts had been made before. */
  before: number
}

/** What was foreseen did not come to pass because of this, or came to pass, or the promise was broken. */
export type Verdict = { kept: true } | { kept: false; because: string } | { broken: string }

const KEPT: Verdict = { kept: true }
/** Looks happen every five minutes; the upload is ready within ten seconds, and a run begins a second later. */
const SLACK = 5 * MINUTE + 15 * SECOND

export function judge(promised: Promised, world: World): Verdict {
  const { at, uploadId, fate, mostRecent } = promised
  const attempt = world.attempts.slice(promised.before).find((made) => made.uploadId === uploadId)
  const changed = (until: number) =>
    world.turnabouts.find(
      (turn) =>
        turn.at > at &&
        turn.at <= until &&
        (turn.kind === 'settings' || (turn.kind === 'removed' && turn.uploadId === uploadId)),
    )
  switch (fate.kind) {
    case 'open_window':
    case 'next_window':
    case 'by_next_window':
      return judgeWindow(promised, fate, attempt, world)
    case 'run_begun':
      // Behind newer ones that it cannot read.
      if (attempt && attempt.at <= at + 3 * HOUR) return KEPT
      if (mostRecent && arrivedSince(promised, world, at + 2 * SECOND)) return excused('a newer one came')
      if (world.absences.some(({ from }) => from >= at && from <= at + 2 * SECOND))
        return excused('the service was away')
      return changed(at + 2 * SECOND) ? excused('the settings changed') : broken('the run did not take it', attempt)
    case 'no_window':
    case 'not_set_up':
    case 'rejected':
      if (!attempt || attempt.trigger === 'on_demand') return KEPT
      // A run that had begun before the upload ended.
      if (attempt.at <= at + 2 * SECOND && world.runs.some(({ from }) => from < at && from >= attempt.at - 2 * SECOND))
        return excused('a run had begun')
      return changed(attempt.at) ? excused('the settings changed') : broken('a window tried it', attempt)
    case 'newer_first': {
      if (!attempt || world.attempts.some((made) => promised.newer.includes(made.uploadId) && made.at <= attempt.at))
        return KEPT
      const gone = world.turnabouts.some((turn) => turn.kind === 'removed' && turn.at > at && turn.at <= attempt.at)
      return gone || changed(attempt.at) ? excused('the newer one went') : broken('it was tried first', attempt)
    }
    case 'claimed':
      return KEPT
    case 'held':
      // One that is held beside is shown to people by a run.
      return KEPT
    default:
      if (!attempt) return KEPT
      return changed(attempt.at) ? excused('the settings changed') : broken('a run tried it', attempt)
  }
}

function judgeWindow(
  { at, uploadId, mostRecent }: Promised,
  fate: Extract<Fate, WindowTurn>,
  attempt: Attempt | undefined,
  world: World,
): Verdict {
  const [opens, closes] = [fate.opensAt.getTime(), fate.closesAt.getTime()]
  const key = `${fate.window} ${fate.date}`
  const start = Math.max(fate.startsAt?.getTime() ?? opens, at)
  const isOpen = fate.kind === 'open_window'
  const until = Math.min(attempt?.at ?? Number.POSITIVE_INFINITY, closes)
  for (const turn of world.turnabouts) {
    if (turn.at <= at || turn.at > until) continue
    if (turn.kind === 'settings') return excused('the settings changed')
    if (turn.kind === 'removed' && turn.uploadId === uploadId) return excused('it was removed')
    if (turn.kind === 'arrived' && mostRecent && turn.uploadId !== uploadId) return excused('a newer one came')
  }
  if (world.absences.some(({ from, to }) => from < closes && to > Math.min(at, start)))
    return excused('the service was away')
  // Runs that do not try it and are still going when it could start: it may start behind them.
  const inTheWay = (until: number) =>
    world.runs.some(({ from, to }) => from < until && to > start && from !== attempt?.at)
  if (!attempt || attempt.at > closes)
    return world.runs.some(({ from, to }) => from < closes && to > closes - MINUTE)
      ? excused('another run was going')
      : broken(`it was not tried in ${key}`, attempt)
  if (attempt.trigger === 'on_demand') return KEPT
  if (fate.kind === 'by_next_window') return KEPT
  const others = arrivedSince({ at, uploadId }, world, attempt.at)
  if (attempt.window !== key)
    return others && !isOpen
      ? excused('another file came')
      : broken(`it was tried in ${attempt.window}, not ${key}`, attempt)
  if (fate.startsAt && attempt.at < fate.startsAt.getTime()) return broken('it was tried before its start', attempt)
  if (attempt.at > start + SLACK + offsetSlack(fate) && !inTheWay(attempt.at))
    return broken('it was tried late', attempt)
  return KEPT
}

function arrivedSince({ at, uploadId }: Pick<Promised, 'at' | 'uploadId'>, world: World, until: number): boolean {
  return world.turnabouts.some(
    (turn) => turn.kind === 'arrived' && turn.uploadId !== uploadId && turn.at > at && turn.at <= until,
  )
}

/** A start less than a minute behind the opening is not told. */
function offsetSlack({ startsAt }: WindowTurn): number {
  return startsAt === null ? MINUTE : 0
}

function excused(because: string): Verdict {
  return { kept: false, because }
}

function broken(what: string, attempt: Attempt | undefined): Verdict {
  return { broken: `${what}: ${JSON.stringify(attempt && { ...attempt, at: new Date(attempt.at) })}` }
}

/** By then every promise has come due. */
export const LONGEST_PROMISE = 200 * HOUR

import { hasFile } from '../ingest/choosing/list-candidates.ts'
import { ImportRoom, type Space } from '../ingest/import-room.ts'
import { type Importer, RunQueue } from '../ingest/run-queue.ts'
import { Outlooks } from '../ingest/schedule/outlooks.ts'
import { Schedule } from '../ingest/schedule/schedule.ts'
import type { RoomWatch } from '../ingest/telling/no-room-notice.ts'
import type { Log } from '../log.ts'
import { type Signals, sendSignal } from '../store/postgres/signals.ts'
import { IMPORTS_AT_ONCE, type ServiceDatabase } from './database.ts'
import type { Stop } from './stops.ts'
import type { FileAreaOf } from './team-files.ts'

export interface RunParts extends Pick<ServiceDatabase, 'db' | 'importPool' | 'processName'> {
  log: Log
  now: () => Date
  signals: Signals
  fileAreaOf: FileAreaOf
  mailQueued: () => void
  databaseSpace: () => Promise<Space>
  room: Pick<RoomWatch, 'importsWait'>
}

/** Runs and the daily windows that start them. */
export interface Runs {
  readonly importer: Importer
  /** What the windows of the teams hold. */
  readonly outlooks: Outlooks
  /**
   * Takes up what earlier processes left behind and what is due. Call it when nothing else of the start can fail: an import
   * that it begins would be rolled back.
   */
  open(): Promise<void>
  /** Starts what is due for a team: a file has come. Before `open`, which looks at every team, it does nothing. */
  look(teamId: number): Promise<void>
  /** Call when a team, its time zone or its windows changed; notifies other processes. */
  scheduleChanged(): Promise<void>
}

export function prepareRuns(parts: RunParts, stops: Stop[]): Runs {
  const { db, importPool, processName, log, now, signals, fileAreaOf, mailQueued } = parts
  let isOpen = false
  const look = async (teamId: number) => {
    if (isOpen) await schedule.look(teamId).catch((error) => log.warn({ err: error }, 'window check failed'))
  }
  const runEnded = (teamId: number) => {
    mailQueued()
    void look(teamId)
  }
  const importer = new RunQueue({
    ...{ db, log, now, signals, fileAreaOf, runEnded },
    room: new ImportRoom(parts.databaseSpace, log),
    roomGone: () => parts.room.importsWait(),
    pool: importPool,
    owner: processName,
    atOnce: IMPORTS_AT_ONCE,
  })
  const schedule = new Schedule({
    ...{ db, log, now, importer, signals, mailQueued },
    hasFile: (team, tried) => hasFile(db, fileAreaOf(team), team, now(), tried),
  })
  stops.push(() => importer.stop())
  stops.push(() => schedule.stop())
  return {
    importer,
    outlooks: new Outlooks((teamId) => schedule.offsetOf(teamId)),
    open: async () => {
      isOpen = true
      importer.open()
      await schedule.open()
    },
    look,
    scheduleChanged: async () => {
      if (isOpen) await schedule.changed()
      await sendSignal(db, { kind: 'schedule' }).catch(() => {})
    },
  }
}

import { type Point, type PointGroup, upTo } from './point.ts'
import { CLOCK_POINTS } from './points/clock.ts'
import { DISK_POINTS } from './points/disks.ts'
import { FILE_POINTS, HINDRANCE_POINTS } from './points/files.ts'
import { LARGE_POINTS } from './points/large.ts'
import { MAIL_POINTS } from './points/mail.ts'
import { messagePoints, randomPoints, replacePoints, restartPoints, uploadMessagePoints } from './points/messages.ts'
import {
  ARCHIVE_DEATH_POINTS,
  ARCHIVE_FREEZE_POINTS,
  diesPoints,
  frozenPoints,
  PRESS_POINTS,
  restartedPoints,
} from './points/processes.ts'
import { FROZEN_UNDO_POINTS, UNDO_POINTS } from './points/undo.ts'
import { Random } from './random.ts'

/** How many messages three uploads over FTPS send at most, logins included. */
const UPLOAD_MESSAGES = 40

/** Every point there is, those that take longest first: a run of three files sends so many messages. */
function allGroups(messages: number, seed: number): PointGroup[] {
  const everyTenth = upTo(Math.floor(messages / 10)).map((step) => step * 10)
  const seeds = upTo(100).map((n) => seed * 1000 + n)
  return [
    { points: LARGE_POINTS, sample: 0 },
    { points: CLOCK_POINTS, sample: 1 },
    { points: frozenPoints(everyTenth), sample: 2 },
    { points: ARCHIVE_FREEZE_POINTS, sample: 2 },
    { points: FROZEN_UNDO_POINTS, sample: 1 },
    { points: PRESS_POINTS, sample: 1 },
    { points: DISK_POINTS, sample: 7 },
    { points: diesPoints(everyTenth), sample: 3 },
    { points: restartedPoints(everyTenth), sample: 2 },
    { points: ARCHIVE_DEATH_POINTS, sample: 3 },
    { points: restartPoints(messages), sample: 6 },
    { points: randomPoints(messages, seeds), sample: 6 },
    { points: replacePoints(messages), sample: 7 },
    { points: MAIL_POINTS, sample: 11 },
    { points: HINDRANCE_POINTS, sample: 2 },
    { points: FILE_POINTS, sample: 13 },
    { points: uploadMessagePoints(UPLOAD_MESSAGES), sample: 5 },
    { points: UNDO_POINTS, sample: 4 },
    { points: messagePoints(messages), sample: 33 },
  ]
}

export interface Wanted {
  messages: number
  seed: number
  /** `sample`, `all`, or how many in all, of each kind as many as its part of the whole allows. */
  how: 'sample' | 'all' | number
  only: readonly string[] | null
}

/** The points to be run: the same ones for the same seed. */
export function plan({ messages, seed, how, only }: Wanted): Point[] {
  const groups = allGroups(messages, seed)
  if (only !== null)
    return groups.flatMap(({ points }) => points.filter(({ title }) => only.some((part) => title.includes(part))))
  if (how === 'all') return groups.flatMap(({ points }) => points)
  const sampled = groups.reduce((sum, { sample }) => sum + sample, 0)
  const random = new Random(seed)
  return groups.flatMap(({ points, sample }) => {
    const wanted =
      how === 'sample' ? sample : Math.max(Math.min(points.length, 1), Math.round((how * sample) / sampled))
    return spread(points, wanted, random)
  })
}

/** So many of all, evenly spread, beginning somewhere. */
function spread<T>(all: readonly T[], wanted: number, random: Random): T[] {
  if (all.length <= wanted) return [...all]
  const offset = random.next()
  return Array.from({ length: wanted }, (_, i) => all[Math.floor(((i + offset) * all.length) / wanted)] as T)
}

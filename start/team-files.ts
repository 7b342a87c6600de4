import { Digests } from '../files/digests.ts'
import { diskFileArea } from '../files/disk-file-area.ts'
import { DiskPace } from '../files/disk-pace.ts'
import type { FileArea } from '../files/file-area.ts'
import { Leftovers } from '../files/leftovers.ts'
import { ReadBudget } from '../files/open-file.ts'
import { GatherBudget } from '../files/pending-file.ts'
import { mayTakeName } from '../ingest/reading/last-record.ts'
import { RoomWatch } from '../ingest/telling/no-room-notice.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import { sweepUploads, UploadRecovery } from '../server/uploads/recover-uploads.ts'
import type { Database } from '../store/postgres/database.ts'
import { diskSpace } from './probes.ts'
import type { Stop } from './stops.ts'
import { TeamRoots } from './team-roots.ts'

export type FileAreaOf = (team: Team) => FileArea

/** Opens the file areas of the teams, and puts in order what an earlier process left of its uploads. */
export async function openTeamFiles(
  parts: { db: Database; processName: string; teamsFolder: string; log: Log },
  stops: Stop[],
): Promise<{ fileAreaOf: FileAreaOf; roots: TeamRoots }> {
  const { db, processName, log } = parts
  const roots = new TeamRoots(parts)
  await roots.open()
  const [gathering, reading] = [new GatherBudget(), new ReadBudget()]
  const leftovers = new Leftovers((error) => log.warn({ err: error }, 'a hidden file cannot be removed; trying again'))
  const [pace, digests] = [new DiskPace(), new Digests()]
  const fileAreaOf = (team: Team) =>
    diskFileArea(roots.folderOf(team), gathering, reading, leftovers, pace, digests, roots.ownerOf(team))
  const recovery = new UploadRecovery({
    ...{ db, processName, fileAreaOf, leftovers, log },
    mayTakeName: (team, path, file) => mayTakeName(db, team, path, file),
  })
  await recovery.open()
  stops.push(() => recovery.stop())
  stops.push(sweepUploads({ db, fileAreaOf, log }))
  return { fileAreaOf, roots }
}

/** Watches for the disk to have room again after uploads were refused. */
export function watchRoom(
  parts: { db: Database; teamsFolder: string; log: Log; mailQueued: () => void },
  stops: Stop[],
): RoomWatch {
  const { db, log, teamsFolder, mailQueued } = parts
  const room = new RoomWatch({ db, log, space: () => diskSpace(teamsFolder), mailQueued })
  room.open()
  stops.push(() => room.stop())
  return room
}

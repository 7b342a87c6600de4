import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { roomOf } from '../files/storage-guard.ts'
import { importsWait, type Space } from '../ingest/import-room.ts'
import type { Database } from '../store/postgres/database.ts'
import type { Readiness } from '../web/service/health-api.ts'
import { Degraded, type HealthChecks } from '../web/ui/server-health.ts'
import type { Endpoints } from './endpoints.ts'
import type { Mail } from './mail.ts'
import { answerTime, diskSpace, freeSpace, takesConnections } from './probes.ts'

export interface ReadinessParts {
  db: Database
  teamsFolder: string
  databaseSpace: () => Promise<Space>
  mail: Pick<Mail, 'check' | 'outbox'>
  addresses: Endpoints['addresses']
}

/** For /readyz. */
export function readinessOf({ db, teamsFolder, databaseSpace, mail, addresses }: ReadinessParts): Readiness {
  const { ftp, ftps, sftp } = addresses
  return {
    database: () => askDatabase(db),
    files: async () => {
      await access(teamsFolder, constants.R_OK | constants.W_OK)
      freeSpace(await diskSpace(teamsFolder))
    },
    imports: async () => {
      const room = roomOf(await databaseSpace())
      if (room.freeBytes < room.keptBytes) throw new Degraded(importsWait(room))
    },
    ftp: () => takesConnections(ftp),
    ...(ftps && { ftps: () => takesConnections(ftps) }),
    ...(sftp && { sftp: () => takesConnections(sftp) }),
    mail: () => mail.check(),
  }
}

/** For the foot of the navigation. */
export function healthChecksOf({ db, teamsFolder, mail, addresses }: ReadinessParts): HealthChecks {
  const { ftp, ftps, sftp } = addresses
  return [
    {
      title: [ftps ? 'FTP, FTPS' : 'FTP', ...(sftp ? ['SFTP'] : [])].join(', '),
      check: () => Promise.all([ftp, ftps, sftp].map((at) => at && takesConnections(at))).then(() => 'listening'),
    },
    { title: 'Database', check: () => answerTime(() => askDatabase(db)) },
    { title: 'Mail', check: () => mail.check().then(() => (mail.outbox === null ? 'sending' : 'to a folder')) },
    { title: 'Disk', check: async () => freeSpace(await diskSpace(teamsFolder)) },
  ]
}

function askDatabase(db: Database): Promise<unknown> {
  return db.selectFrom('team').select('id').limit(1).execute()
}

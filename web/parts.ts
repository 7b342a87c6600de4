import type { FileArea } from '../files/file-area.ts'
import type { Importer } from '../ingest/run-queue.ts'
import type { Log } from '../log.ts'
import type { Team } from '../model/team.ts'
import type { Database } from '../store/postgres/database.ts'
import type { CheckStoredFile } from './configure/check-api.ts'
import type { ContactFigures } from './contacts/contact-figures.ts'
import type { CallApi } from './http/call-api.ts'
import type { GivenFiles } from './manual-import/manual-files.ts'
import type { LiveProgress } from './runs/live-progress.ts'
import type { ServerHealth } from './service/server-health.ts'
import type { PrepareFolders } from './teams/api.ts'

/** How clients reach the FTP endpoints, and how they know that it is them. */
export interface ServerFacts {
  /** The name or address that clients are told; so are the ports. */
  host: string
  ftp: { port: number; tls: 'required' | 'optional' | 'off' } | null
  ftpsPort: number | null
  sftpPort: number | null
  passivePorts: { first: number; last: number }
  /** What PASV tells, where it is set: null as long as the name cannot be looked up. */
  passiveAddress: { host: string; current(): string | null } | null
  /** As it is now: it may be renewed at any time. */
  certificate(): { fingerprint: string; subject: string; validUntil: Date; pem: string } | null
  /** `SHA256:...` of each SSH host key. */
  hostKeys: readonly string[]
  mail: { via: 'smtp' | 'folder'; from: string }
  dataDir: string
}

/** What the pages are made of. */
export interface PageParts {
  db: Database
  log: Log
  now: () => Date
  importer: Importer
  /** The key under which FTP passwords are stored. */
  secret: Buffer
  fileAreaOf: (team: Team) => FileArea
  givenFiles: GivenFiles
  prepareFolders: PrepareFolders
  scheduleChanged: () => Promise<void>
  health: ServerHealth
  contactFigures: ContactFigures
  server: ServerFacts
  progress: LiveProgress
  checkStoredFile: CheckStoredFile
  call: CallApi
}

import { join } from 'node:path'
import type ssh2 from 'ssh2'
import { beforeAll, expect, vi } from 'vitest'
import type { UploadState } from '../../../model/upload.ts'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import type { SftpOptions } from '../../../server/sftp/sftp-options.ts'
import type { FtpPermissions } from '../../../store/ftp-accounts.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { type serverFolders, type TeamLogin, teamLogin } from './ftp-server.ts'
import { connectSsh, SftpClient, startSftp, type TestSftpServer } from './sftp-server.ts'

export interface GivenSftp {
  server: TestSftpServer
  login: TeamLogin
  /** A client of its own, past its login: that of the team, or another. */
  client(login?: { username: string; password: string }): Promise<SftpClient & { ssh: ssh2.Client }>
  /** Resolves when that is the state of the latest upload. */
  becomes(wanted: UploadState): Promise<void>
}

/** How the tests of a file get a team, its account and an SFTP endpoint, all with the same host keys. */
export function sftpGiver(
  db: Database,
  folders: ReturnType<typeof serverFolders>,
): (permissions?: FtpPermissions, options?: Partial<SftpOptions>) => Promise<GivenSftp> {
  let hostKeys: HostKeys
  beforeAll(async () => {
    hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
  })
  return async (permissions = 'full', options = {}) => {
    const login = await teamLogin(db, permissions)
    const server = await startSftp({ db, team: login.team, teams: folders.teams(), hostKeys, ...options })
    return {
      server,
      login,
      async client({ username, password } = login) {
        const ssh = await connectSsh(server.port, { username, password })
        return Object.assign(await SftpClient.open(ssh), { ssh })
      },
      becomes: (wanted) =>
        vi.waitFor(async () => expect((await latestUploads(db, login.team.id, 1))[0]?.state).toBe(wanted), {
          timeout: 10_000,
        }),
    }
  }
}

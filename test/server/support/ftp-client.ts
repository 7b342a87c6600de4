import { expect } from 'vitest'
import type { FtpTls } from '../../../server/ftp/ftp-options.ts'
import type { FtpPermissions } from '../../../store/ftp-accounts.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { type serverFolders, startServer, type TeamLogin, type TestServer, teamLogin } from './ftp-server.ts'
import { RawClient } from './raw-client.ts'

export interface Given {
  server: TestServer
  login: TeamLogin
  /** A client of its own, past its login. */
  client(): Promise<RawClient>
}

/** A team, its account and an endpoint. */
export async function given(
  db: Database,
  folders: ReturnType<typeof serverFolders>,
  {
    mode = 'off',
    permissions = 'full',
    ...options
  }: { mode?: FtpTls['mode']; permissions?: FtpPermissions } & Partial<Parameters<typeof startServer>[0]> = {},
): Promise<Given> {
  const login = await teamLogin(db, permissions)
  const tls: FtpTls = mode === 'off' ? { mode } : { mode, server: folders.tls() }
  const server = await startServer({ db, team: login.team, teams: folders.teams(), tls, ...options })
  return {
    server,
    login,
    async client() {
      const client = await RawClient.open(server.port)
      expect(await client.login(login)).toBe('230 Login successful.')
      return client
    },
  }
}

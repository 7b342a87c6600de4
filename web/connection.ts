import { Hono } from 'hono'
import { ftpAccounts } from '../store/accounts.ts'
import type { Database } from '../store/database.ts'
import { currentSettings } from '../store/settings.ts'
import type { ServerFacts } from './page-parts.ts'
import { instructionsText } from './pages/ftp-instructions.tsx'
import type { Signed } from './signed.ts'

/** What to enter in the student information system, as the page of the FTP accounts shows it. */
export function connectionRoutes(db: Database, server: ServerFacts) {
  return new Hono<Signed>().get('/api/teams/:team/connection', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const [settings, accounts] = await Promise.all([currentSettings(db, team.id), ftpAccounts(db, team.id)])
    const { host, ftp, ftpsPort, sftpPort, passivePorts, hostKeys } = server
    const instructions = instructionsText({ server, settings, accounts, team })
    const certificate = server.certificate()
    return c.json({ host, ftp, ftpsPort, sftpPort, passivePorts, certificate, hostKeys, instructions })
  })
}

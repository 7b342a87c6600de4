import { Hono } from 'hono'
import { firstUsername } from '../../store/ftp-accounts.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import { instructionsText } from './connection-instructions.tsx'

/** Connection data for the student information system, for the FTP accounts page. */
export function connectionRoutes(db: Database, server: ServerFacts) {
  return new Hono<SignedInRequest>().get('/api/teams/:team/connection', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const [settings, username] = await Promise.all([currentSettings(db, team.id), firstUsername(db, team.id)])
    const { host, ftp, ftpsPort, sftpPort, passivePorts, hostKeys } = server
    const instructions = instructionsText({ server, settings, username, team })
    const certificate = server.certificate()
    return c.json({ host, ftp, ftpsPort, sftpPort, passivePorts, certificate, hostKeys, instructions })
  })
}

import { Hono } from 'hono'
import { z } from 'zod'
import { listAudit } from '../store/audit.ts'
import type { Database } from '../store/database.ts'
import { limit, numberCursor, queryOf } from './requests.ts'
import type { Signed } from './signed.ts'

const listQuery = z.object({ team: z.string().optional(), after: numberCursor, limit })

export function auditRoutes(db: Database) {
  return new Hono<Signed>().get('/api/audit', async (c) => {
    const { team, after, limit } = queryOf(c, listQuery)
    const among = team === undefined ? c.var.teams.ids : [(await c.var.teams.mine(team)).id]
    return c.json(await listAudit(db, among, { after, limit }))
  })
}

import { Hono } from 'hono'
import { mergeFields } from '../../model/custom-fields.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import type { SignedInRequest } from '../http/request-context.ts'

export function mergeFieldRoutes(db: Database) {
  return new Hono<SignedInRequest>().get('/api/teams/:team/merge-fields', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { additionalFields } = await currentSettings(db, team.id)
    return c.json(mergeFields(additionalFields))
  })
}

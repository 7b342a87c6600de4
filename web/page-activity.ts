import { Hono } from 'hono'
import { z } from 'zod'
import { listAudit } from '../store/audit.ts'
import { frameOf } from './frame.ts'
import type { PageParts } from './page-parts.ts'
import { ACTIVITY_KINDS, activityPage, KIND_ACTIONS } from './pages/activity.tsx'
import { numberCursor, queryOf } from './requests.ts'
import type { Signed } from './signed.ts'

const listQuery = z.object({ kind: z.enum(ACTIVITY_KINDS).optional(), after: numberCursor })

const ENTRIES_PER_PAGE = 100

export function activityPages(parts: PageParts) {
  return new Hono<Signed>().get('/teams/:team/activity', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { kind, after } = queryOf(c, listQuery)
    const actions = kind && KIND_ACTIONS[kind]
    const page = await listAudit(parts.db, [team.id], { after, limit: ENTRIES_PER_PAGE, actions })
    const view = {
      team,
      entries: page.items,
      next: page.next,
      after: after === undefined ? null : String(after),
      kind: kind ?? null,
    }
    return c.html(activityPage(await frameOf(c, parts, team), view))
  })
}

import { Hono } from 'hono'
import { z } from 'zod'
import { instantOf } from '../../ingest/schedule/windows.ts'
import { listAudit } from '../../store/audit.ts'
import { runNumbers } from '../../store/runs/import-figures.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { numberCursor, queryOf } from '../http/requests.ts'
import { daysBefore } from '../ui/format.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { activityPage } from './activity.tsx'
import { runOf } from './activity-entry.tsx'
import { ACTIVITY_KINDS, KIND_ACTIONS } from './view.ts'

const listQuery = z.object({
  kind: z.enum(ACTIVITY_KINDS).optional(),
  search: z.string().trim().max(255).optional(),
  /** The last day shown, in the time zone of the team. */
  until: z.iso.date().optional(),
  after: numberCursor,
})

const ENTRIES_PER_PAGE = 100

export function activityPages(parts: FrameParts) {
  return new Hono<SignedInRequest>().get('/teams/:team/activity', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { kind, search, until, after } = queryOf(c, listQuery)
    const actions = kind && KIND_ACTIONS[kind]
    const before = until === undefined ? until : instantOf(daysBefore(until, -1), 0, team.timeZone)
    const page = await listAudit(parts.db, [team.id], { after, limit: ENTRIES_PER_PAGE, actions, search, before })
    const named = page.items.flatMap((entry) => runOf(entry) ?? [])
    const view = {
      team,
      runs: await runNumbers(parts.db, team.id, [...new Set(named)]),
      entries: page.items,
      next: page.next,
      after: after === undefined ? null : String(after),
      filter: { kind: kind ?? ('' as const), search: search ?? '', until: until ?? '' },
    }
    return c.html(activityPage(await frameOf(c, parts, team), view))
  })
}

import { Hono } from 'hono'
import { z } from 'zod'
import { BYTE_ORDER_MARK } from '../../ingest/formats/encoding.ts'
import { recordText } from '../../ingest/records/record-text.ts'
import { type AuditEntry, listAudit } from '../../store/audit.ts'
import type { Database } from '../../store/postgres/database.ts'
import type { TeamIds } from '../../store/teams.ts'
import { allItems } from '../http/answers/all-pages.ts'
import { attachment, CSV_TYPE } from '../http/answers/attachment.ts'
import { listAnswer } from '../http/answers/list-answer.ts'
import { streamed } from '../http/answers/streamed.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { limit, numberCursor, queryOf } from '../http/requests.ts'
import type { TeamScope } from '../http/team-scope.ts'

const ofTeam = z.string().max(63).optional().describe('Short name of a team. Left out: everything that you can access.')
export const auditQuery = z.object({ team: ofTeam, after: numberCursor, limit })
export const auditFileQuery = z.object({ team: ofTeam })

export function auditRoutes(db: Database) {
  return new Hono<SignedInRequest>()
    .get('/api/audit', async (c) => {
      const { team, ...page } = queryOf(c, auditQuery)
      const teams = await among(c.var.teams, team)
      return listAnswer(c, page, ({ after, limit }) =>
        listAudit(db, teams, { after: numberCursor.parse(after), limit }),
      )
    })
    .get('/api/audit.csv', async (c) => {
      const { team } = queryOf(c, auditFileQuery)
      const text = auditCsv(db, await among(c.var.teams, team))
      const disposition = attachment(`audit${team ? `_${team}` : ''}.csv`)
      return c.body(streamed(text), 200, {
        'Content-Type': CSV_TYPE,
        'Content-Disposition': disposition,
      })
    })
}

async function among(teams: TeamScope, slug: string | undefined): Promise<TeamIds> {
  return slug === undefined ? teams.ids : [(await teams.mine(slug)).id]
}

const COLUMNS = [
  'at',
  'team',
  'actor',
  'actorKind',
  'address',
  'action',
  'subject',
] as const satisfies (keyof AuditEntry)[]
/** An entry may hold what was changed of a thousand users. */
const AT_A_TIME = 50

/** Newest first. */
async function* auditCsv(db: Database, among: TeamIds): AsyncGenerator<string> {
  yield BYTE_ORDER_MARK + recordText([...COLUMNS, 'details'])
  const entries = allItems((after) =>
    listAudit(db, among, { after: after === undefined ? undefined : Number(after), limit: AT_A_TIME }),
  )
  for await (const entry of entries)
    yield recordText([...COLUMNS.map((column) => entry[column]), JSON.stringify(entry.details)])
}

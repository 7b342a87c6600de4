import { Hono } from 'hono'
import { z } from 'zod'
import type { FileArea } from '../../files/file-area.ts'
import { proposeColumns } from '../../ingest/proposing/propose-columns.ts'
import { readFileHead } from '../../ingest/reading/file-head.ts'
import type { Team } from '../../model/team.ts'
import type { Database } from '../../store/postgres/database.ts'
import { currentSettings } from '../../store/settings.ts'
import { Refusal } from '../http/refusal.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { filePath, jsonBody } from '../http/requests.ts'

export const proposalsRequest = z.object({
  path: filePath.describe('Path of a file in the root, for example `/cadence/imports/StudentData.csv`.'),
})

/** What Configure Imports suggests for a file. */
export function proposalRoutes({ db, fileAreaOf }: { db: Database; fileAreaOf: (team: Team) => FileArea }) {
  return new Hono<SignedInRequest>().post('/api/teams/:team/proposals', async (c) => {
    const team = await c.var.teams.mine(c.req.param('team'))
    const { path } = await jsonBody(c, proposalsRequest)
    const { file } = await currentSettings(db, team.id)
    const read = await readFileHead(fileAreaOf(team), path, file)
    if (!read.ok) throw new Refusal('conflict', read.problem)
    const { columns, samples } = read.head
    const { optOutWords = null, ...fields } = proposeColumns(
      columns.map((name, index) => ({ name, values: samples[index] ?? [] })),
    )
    return c.json({ columns, fields, optOutWords })
  })
}

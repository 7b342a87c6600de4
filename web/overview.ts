import { Hono } from 'hono'
import type { Database } from '../store/database.ts'
import { latestRuns } from '../store/run-history.ts'
import { listTeams } from '../store/teams.ts'
import { overviewPage } from './pages/overview.tsx'
import { textCursor } from './requests.ts'
import type { Signed } from './signed.ts'

const TEAMS_SHOWN = 50
const RUNS_SHOWN = 5

export function overviewRoutes(db: Database, stylesheet: string) {
  return new Hono<Signed>().get('/', async (c) => {
    const after = textCursor.parse(c.req.query('after'))
    const { items: teams, next } = await listTeams(db, c.var.teams.ids, { after, limit: TEAMS_SHOWN })
    const ids = teams.map((team) => team.id)
    const runs = Map.groupBy(await latestRuns(db, ids, RUNS_SHOWN), (run) => run.team)
    const shown = teams.map((team) => ({ team, runs: runs.get(team.team) ?? [] }))
    return c.html(overviewPage({ stylesheet, email: c.var.actor.email, teams: shown, next }))
  })
}

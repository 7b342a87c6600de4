import { Hono } from 'hono'
import { waitingFigures } from '../../ingest/choosing/waiting.ts'
import type { Outlook } from '../../ingest/schedule/outlook.ts'
import type { Outlooks } from '../../ingest/schedule/outlooks.ts'
import { type ImportSettings, unmappedFields } from '../../model/import-settings.ts'
import { isFinished } from '../../model/run.ts'
import { DAY_MS } from '../../model/time.ts'
import { usualInstead } from '../../model/usual.ts'
import { latestSizes } from '../../store/runs/daily-figures.ts'
import { latestRuns } from '../../store/runs/run-history.ts'
import { settingsOfTeams } from '../../store/settings.ts'
import { teamFigures } from '../../store/team-states.ts'
import { listTeams } from '../../store/teams.ts'
import type { ContactFigures } from '../contacts/exports.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { textCursor } from '../http/requests.ts'
import type { LiveProgress } from '../runs/exports.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { overviewPage } from './overview.tsx'
import { TEAM_STATES, type TeamOverview, type TeamState } from './view.ts'

const TEAMS_SHOWN = 100
const RUNS_LOOKED_AT = 3
/** The last import, and those that show what is usual. */
const IMPORTS_COMPARED = 15
/** A team that has sent files before is silent after this time without one. */
const SILENT_MS = 3 * DAY_MS

export interface OverviewParts extends FrameParts {
  contactFigures: ContactFigures
  outlooks: Outlooks
  progress: LiveProgress
}

export function overviewPages(parts: OverviewParts) {
  return new Hono<SignedInRequest>().get('/', async (c) => {
    const { db } = parts
    const after = textCursor.parse(c.req.query('after'))
    const { items: teams, next } = await listTeams(db, c.var.teams.ids, { after, limit: TEAMS_SHOWN })
    const [only] = teams
    if (only && teams.length === 1 && after === undefined && c.req.query('all') === undefined)
      return c.redirect(`/teams/${only.team}/imports`, 303)
    const now = parts.now()
    const ids = teams.map(({ id }) => id)
    const settings = await settingsOfTeams(db, ids)
    const [frame, runs, figures, contacts, waiting, sizes, outlooks] = await Promise.all([
      frameOf(c, parts),
      latestRuns(db, ids, RUNS_LOOKED_AT),
      teamFigures(db, ids, { today: new Date(now.getTime() - DAY_MS), week: new Date(now.getTime() - 7 * DAY_MS) }),
      parts.contactFigures.known(ids),
      waitingFigures(db, settings),
      latestSizes(db, ids, IMPORTS_COMPARED),
      Promise.all(teams.map((team) => parts.outlooks.of(db, team, settings.get(team.id) as ImportSettings, now))),
    ])
    const byTeam = Map.groupBy(runs, (run) => run.team)
    const overviews = teams.map((team, index): TeamOverview => {
      const { turns, pause } = outlooks[index] as Outlook
      const own = byTeam.get(team.team) ?? []
      const settled = settings.get(team.id) as ImportSettings
      const going = own.find(({ state }) => !isFinished(state)) ?? null
      const progress = going && parts.progress.of(going.id)?.progress
      const last = own.find(({ state }) => isFinished(state) && state !== 'nothing_to_import') ?? null
      const overview = {
        team,
        figures: figures.get(team.id) as TeamOverview['figures'],
        waiting: waiting.get(team.id) ?? { files: 0, bytes: 0 },
        contacts: contacts.get(team.id)?.contacts ?? null,
        going,
        percent: progress && progress.bytes > 0 ? Math.floor((100 * progress.bytesRead) / progress.bytes) : null,
        last,
        unusual: last?.state.startsWith('imported') ? unusualOf(sizes.get(team.id) ?? []) : null,
        next: turns.find(({ isOpen }) => !isOpen) ?? null,
        pause,
        mapped: unmappedFields(settled).length === 0,
      }
      return { ...overview, state: stateOf(overview, now) }
    })
    overviews.sort((a, b) => TEAM_STATES.indexOf(a.state) - TEAM_STATES.indexOf(b.state))
    return c.html(overviewPage(frame, overviews, next))
  })
}

function unusualOf([records = 0, ...before]: readonly number[]): TeamOverview['unusual'] {
  const usual = usualInstead(records, before)
  return usual === null ? null : { records, usual }
}

function stateOf({ last, going, figures, next, pause, mapped }: Omit<TeamOverview, 'state'>, now: Date): TeamState {
  if (!mapped) return 'setup'
  if (last && (last.state === 'failed' || last.state === 'rejected' || last.state === 'held')) return 'failed'
  if (going) return 'running'
  const { lastArrival } = figures
  if (next && !pause && lastArrival && now.getTime() - lastArrival.getTime() > SILENT_MS) return 'silent'
  return last?.state === 'imported_with_errors' ? 'errors' : 'good'
}

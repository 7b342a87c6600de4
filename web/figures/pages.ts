import { Hono } from 'hono'
import { localDate } from '../../model/daily-windows.ts'
import { DAY_MS } from '../../model/time.ts'
import { type DayFigures, dailyFigures } from '../../store/runs/daily-figures.ts'
import type { SignedInRequest } from '../http/request-context.ts'
import { daysBefore } from '../ui/format.ts'
import { type FrameParts, frameOf } from '../ui/frame.ts'
import { figuresPage } from './figures.tsx'
import { DAYS_SHOWN } from './view.ts'

/** What was imported over time, of one team and of all. */
export function figuresPages(parts: FrameParts) {
  const { db } = parts
  // More than is shown: the days of the teams begin at other times.
  const since = (now: Date) => new Date(now.getTime() - (DAYS_SHOWN + 1) * DAY_MS)
  const shown = (figures: readonly DayFigures[], today: string) =>
    figures.filter(({ date }) => date >= daysBefore(today, DAYS_SHOWN - 1))
  return new Hono<SignedInRequest>()
    .get('/figures', async (c) => {
      const now = parts.now()
      const [frame, figures] = await Promise.all([frameOf(c, parts), dailyFigures(db, c.var.teams.ids, since(now))])
      // The calendar of a team may be a day ahead.
      const today = [localDate(now, 'UTC'), figures.at(-1)?.date ?? ''].toSorted().at(-1) as string
      return c.html(figuresPage(frame, { team: null, figures: shown(figures, today), today }))
    })
    .get('/teams/:team/figures', async (c) => {
      const team = await c.var.teams.mine(c.req.param('team'))
      const now = parts.now()
      const [frame, figures] = await Promise.all([frameOf(c, parts, team), dailyFigures(db, [team.id], since(now))])
      const today = localDate(now, team.timeZone)
      return c.html(figuresPage(frame, { team, figures: shown(figures, today), today }))
    })
}

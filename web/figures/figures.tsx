import type { Team } from '../../model/team.ts'
import { figure } from '../../model/wording/figure.ts'
import type { DayFigures } from '../../store/runs/daily-figures.ts'
import { Card, Empty, Head } from '../ui/components/parts.tsx'
import { dateTitle } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { Chart } from './chart.tsx'
import { DAYS_SHOWN, type Trend, trendsOf } from './view.ts'

export interface FiguresView {
  /** Null for all teams that the person sees. */
  team: Team | null
  figures: readonly DayFigures[]
  /** The last day of the charts. */
  today: string
}

export function figuresPage(frame: Frame, { team, figures, today }: FiguresView) {
  return shell({
    title: 'Figures',
    frame,
    here: team ? 'figures' : '/figures',
    children: (
      <>
        <Head
          crumbs={team ? [{ label: team.name, href: `/teams/${team.team}/imports` }] : []}
          title="Figures"
          sub={`${team ? 'What was imported' : 'What all teams imported'} in the last ${DAYS_SHOWN} days. Undone imports do not count.`}
        />
        {figures.length === 0 ? (
          <section class="card">
            <Empty alone icon="overview" title="No figures yet">
              The first import adds a day.
            </Empty>
          </section>
        ) : (
          <>
            <section class="charts" aria-label="Charts">
              {trendsOf(figures, today).map((trend) => (
                <TrendCard trend={trend} />
              ))}
            </section>
            <Days figures={figures} />
          </>
        )}
      </>
    ),
  })
}

function TrendCard({ trend: { of, title, text, last, usual, most, days } }: { trend: Trend }) {
  const words = `last ${text(last)}, usually ${text(usual)}, most ${text(most)}`
  return (
    <Card id={`chart-${of}`} title={title} aside={<span class="small">{`Last ${text(last)}`}</span>}>
      <div class="card-b stack-2">
        <Chart days={days} words={`${title} of each day: ${words}`} />
        <p class="row between xs muted">
          <span>{dateTitle(days[0]?.date ?? '')}</span>
          <span>
            Usually {text(usual)}, most {text(most)}
          </span>
        </p>
      </div>
    </Card>
  )
}

function Days({ figures }: { figures: readonly DayFigures[] }) {
  const trends = trendsOf(figures, figures.at(-1)?.date ?? '')
  return (
    <Card id="days" title="Day by day">
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th>Day</th>
              <th class="num">Files</th>
              {trends.map(({ title }) => (
                <th class="num">{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figures.toReversed().map((day) => (
              <tr>
                <th scope="row">{dateTitle(day.date)}</th>
                <td data-l="Files" class="num">
                  {figure(day.files)}
                </td>
                {trends.map(({ of, title, text }) => (
                  <td data-l={title} class={day[of] === 0 ? 'num zero' : 'num'}>
                    {text(day[of])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

import { Icon } from '../ui/components/icon.tsx'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Empty, Head } from '../ui/components/parts.tsx'
import { dayInFull } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { EntryLine } from './activity-entry.tsx'
import { ACTIVITY_KINDS, type ActivityView } from './view.ts'

export function activityPage(frame: Frame, view: ActivityView) {
  const { team, entries, runs, filter, next, after } = view
  const path = `/teams/${team.team}/activity`
  const link = (more: Partial<ActivityView['filter']> & { after?: string }) => linkTo(path, { ...filter, ...more })
  const byDay = Map.groupBy(entries, ({ at }) => dayInFull(new Date(at), team.timeZone, frame.now))
  return shell({
    title: 'Activity',
    frame,
    here: 'activity',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }]}
          title="Activity"
          sub="Who did what, from where: settings, accounts, imports, uploads and preferences. Kept for 400 days."
          acts={
            <a class="btn" href={`/api/audit.csv?team=${team.team}`} download>
              <Icon name="dl" />
              Download CSV
            </a>
          }
        />
        <div class="filters">
          <nav class="seg" aria-label="Which events">
            {(['', ...ACTIVITY_KINDS] as const).map((one) => (
              <a href={link({ kind: one })} {...(one === filter.kind && { 'aria-current': 'true' as const })}>
                {one === '' ? 'All' : one.replace(/^./, (letter) => letter.toUpperCase())}
              </a>
            ))}
          </nav>
          {/* biome-ignore lint/a11y/useSemanticElements: a form is what searches without scripts */}
          <form class="filters grow" role="search" method="get" action={path}>
            {filter.kind !== '' && <input type="hidden" name="kind" value={filter.kind} />}
            <div class="search">
              <Icon name="search" />
              <input
                class="in"
                name="search"
                type="search"
                aria-label="Search"
                placeholder="File, user or address"
                value={filter.search}
              />
            </div>
            <input class="in" name="until" type="date" aria-label="Until" title="Until" value={filter.until} />
            <button class="btn" type="submit">
              Search
            </button>
          </form>
        </div>
        <section class="card" aria-label="Events">
          {entries.length === 0 ? (
            <Empty
              alone
              icon="activity"
              title={link({}) === path ? 'Nothing here yet' : 'No such event'}
              acts={
                link({}) !== path && (
                  <a class="btn sm" href={path}>
                    Show all
                  </a>
                )
              }
            >
              Changes of settings, imports and uploads of this team show up here.
            </Empty>
          ) : (
            <div class="tw">
              <table class="tbl top cards ev">
                <thead>
                  <tr>
                    <th>Time</th>
                    <th>Event</th>
                    <th>By</th>
                    <th>From</th>
                  </tr>
                </thead>
                <tbody>
                  {[...byDay].map(([title, ofDay]) => (
                    <>
                      <tr class="sub">
                        <td colspan={4}>
                          <b class="xs">{title}</b>
                        </td>
                      </tr>
                      {ofDay.map((entry) => (
                        <EntryLine entry={entry} team={team} runs={runs} />
                      ))}
                    </>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <Pager
            first={after === null ? null : { href: link({}), title: 'Newest' }}
            on={next === null ? null : { href: link({ after: next }), title: 'Older' }}
          >
            Newest first
          </Pager>
        </section>
      </>
    ),
  })
}

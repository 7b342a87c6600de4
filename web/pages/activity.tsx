import type { Team } from '../../model/team.ts'
import type { AuditEntry } from '../../store/audit.ts'
import type { Frame } from '../frame.ts'
import { Icon, type IconName } from './components/icon.tsx'
import { Empty, Head } from './components/parts.tsx'
import { clock, day } from './format.ts'
import { shell } from './shell.tsx'

export const ACTIVITY_KINDS = ['settings', 'imports', 'uploads', 'sign-ins', 'people'] as const
export type ActivityKind = (typeof ACTIVITY_KINDS)[number]

/** Which actions each filter shows, by the beginning of their names. */
export const KIND_ACTIONS: Record<ActivityKind, readonly string[]> = {
  settings: ['import-settings.', 'team.', 'team-users.', 'ftp-account.', 'installation.'],
  imports: ['run.', 'batch.'],
  uploads: ['upload.', 'file.', 'ftp.'],
  'sign-ins': ['session.', 'second-factor.', 'password.'],
  people: ['person.', 'token.', 'contact.'],
}

export interface ActivityView {
  team: Team
  entries: readonly AuditEntry[]
  next: string | null
  after: string | null
  /** What was asked for, by the names of the form. */
  filter: { kind: ActivityKind | ''; search: string; until: string }
}

export function activityPage(frame: Frame, view: ActivityView) {
  const { team, entries, filter, next, after } = view
  const path = `/teams/${team.team}/activity`
  const link = (more: Partial<ActivityView['filter']> & { after?: string }) => {
    const asked = Object.entries({ ...filter, ...more }).filter(([, value]) => value !== '')
    const query = new URLSearchParams(asked).toString()
    return query === '' ? path : `${path}?${query}`
  }
  const byDay = Map.groupBy(entries, ({ at }) => day(new Date(at), team.timeZone, frame.now))
  return shell({
    title: 'Activity',
    frame,
    here: 'activity',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }]}
          title="Activity"
          sub="Who did what, from where: settings, accounts, imports, uploads and preferences."
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
                        <EntryLine entry={entry} team={team} />
                      ))}
                    </>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          <footer class="pager">
            <span>Newest first</span>
            <span class="row">
              {after !== null && (
                <a class="btn sm" href={link({})}>
                  Newest
                </a>
              )}
              {next !== null && (
                <a class="btn sm" href={link({ after: next })}>
                  Older
                </a>
              )}
            </span>
          </footer>
        </section>
      </>
    ),
  })
}

function EntryLine({ entry, team }: { entry: AuditEntry; team: Team }) {
  const at = new Date(entry.at)
  const { icon, words } = said(entry)
  const run = entry.action.startsWith('run.') ? entry.subject : entry.details.runId
  const changes = Object.entries(entry.details).filter(([, value]) => isChange(value))
  return (
    <tr>
      <td class="nowrap soft" data-who={entry.actor}>
        <time datetime={entry.at} title={`${entry.at.slice(0, 19).replace('T', ' ')} UTC`}>
          {clock(at, team.timeZone, true)}
        </time>
      </td>
      <td>
        <span class="row top event">
          <span class="soft">
            <Icon name={icon} />
          </span>
          <span class="grow wrap">
            {words}{' '}
            {run ? (
              <a href={`/teams/${team.team}/runs/${run}`}>see the run</a>
            ) : (
              entry.subject && <code>{entry.subject}</code>
            )}
            {changes.length > 0 && (
              <details class="more">
                <summary>{changes.length === 1 ? '1 change' : `${changes.length} changes`}</summary>
                <ul class="xs soft">
                  {changes.map(([path, value]) => (
                    <li>
                      <code>{path}</code>: {text((value as Change).from)} → {text((value as Change).to)}
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </span>
        </span>
      </td>
      <td data-l="By" class="soft nowrap">
        {entry.actor}
      </td>
      <td data-l="From" class="soft nowrap">
        <span class="mono">{entry.address}</span>
      </td>
    </tr>
  )
}

interface Change {
  from: unknown
  to: unknown
}

function isChange(value: unknown): value is Change {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value
}

function text(value: unknown): string {
  return value === null || value === '' ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
}

const WORDS: Record<string, { icon: IconName; words: string }> = {
  'import-settings.save': { icon: 'config', words: 'Changed Configure Imports to' },
  'run.start': { icon: 'play', words: 'Pressed Run Import:' },
  'run.start-manual': { icon: 'upload', words: 'Imported a file by hand:' },
  'run.abort': { icon: 'stop', words: 'Stopped a run:' },
  'batch.approve': { icon: 'check', words: 'Approved the held batch' },
  'batch.discard': { icon: 'trash', words: 'Discarded the held batch' },
  'batch.undo': { icon: 'undo', words: 'Undid an import:' },
  'file.import': { icon: 'play', words: 'Had a file imported:' },
  'recap.repeat': { icon: 'mail', words: 'Had the recap sent again of batch' },
  'email.test': { icon: 'mail', words: 'Sent a test e-mail' },
  'ftp.login': { icon: 'key', words: 'Logged in' },
  'ftp.login-failed': { icon: 'ban', words: 'Was refused at login' },
  'ftp.ban': { icon: 'ban', words: 'Was locked out after too many refused logins' },
  'ftp.upload': { icon: 'upload', words: 'Uploaded' },
  'ftp.upload-incomplete': { icon: 'warn', words: 'Broke off the upload of' },
  'ftp.rename': { icon: 'file', words: 'Renamed' },
  'ftp.delete': { icon: 'trash', words: 'Deleted' },
  'session.start': { icon: 'user', words: 'Signed in' },
  'session.end': { icon: 'user', words: 'Signed out' },
  'team.create': { icon: 'plus', words: 'Created the team' },
  'team.change': { icon: 'config', words: 'Changed the team' },
  'team-users.save': { icon: 'user', words: 'Saved the team users' },
  'ftp-account.create': { icon: 'key', words: 'Created the FTP account' },
  'ftp-account.change': { icon: 'key', words: 'Changed the FTP account' },
  'ftp-account.delete': { icon: 'trash', words: 'Removed the FTP account' },
  'ftp-account.new-password': { icon: 'key', words: 'Made a new password for the FTP account' },
  'contact.opt-out': { icon: 'ban', words: 'Set the texting preference of contact' },
  'contacts.download': { icon: 'dl', words: 'Downloaded the contacts' },
}

const ICONS: Record<string, IconName> = {
  upload: 'upload',
  file: 'file',
  ftp: 'key',
  batch: 'imports',
  person: 'user',
  token: 'key',
}

/** What has no sentence of its own is told by its name. */
function said({ action }: AuditEntry): { icon: IconName; words: string } {
  return (
    WORDS[action] ?? {
      icon: ICONS[action.split('.')[0] as string] ?? 'activity',
      words: action.replace(/[.-]/g, ' ').replace(/^./, (letter) => letter.toUpperCase()),
    }
  )
}

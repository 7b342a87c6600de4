import type { Child } from 'hono/jsx'
import { WithFormToken } from './components/form.tsx'
import { Icon, type IconName, Mark } from './components/icon.tsx'
import { document } from './document.tsx'
import type { Frame } from './frame.ts'
import { SideFoot } from './side-foot.tsx'

export interface Shell {
  title: string
  frame: Frame
  /** The last part of the address below the team, or the address itself, as the navigation has it. */
  here: string
  scripts?: readonly string[]
  refreshSeconds?: number | null
  /** The event stream with the live parts of this page. */
  live?: string | null
  children: Child
}

/** The frame of every page behind the sign-in: navigation beside the content, above it on a narrow screen. */
export function shell({ title, frame, here, scripts, refreshSeconds, live = null, children }: Shell) {
  return document({
    title: frame.team ? `${title} · ${frame.team.name}` : title,
    look: frame.look,
    ...(scripts && { scripts }),
    ...(refreshSeconds !== undefined && { refreshSeconds }),
    children: (
      <WithFormToken token={frame.formToken}>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <div class="shell">
          <aside class="side" aria-label="Navigation">
            <a class="brand" href="/">
              <Mark />
              Rosterport
            </a>
            <Navigation frame={frame} here={here} place="side" />
          </aside>
          <header class="bare">
            <details class="topbar">
              <summary>
                <Icon name="menu" />
                <span class="brand">Rosterport</span>
                <span class="where">{frame.team?.name ?? title}</span>
              </summary>
              <div class="menu">
                <Navigation frame={frame} here={here} place="top" />
              </div>
            </details>
          </header>
          <main class="main" id="main" tabindex={-1} {...(live !== null && { 'data-live': live })}>
            <div class="page">{children}</div>
          </main>
        </div>
        {frame.told !== null && Object.hasOwn(TOLD, frame.told) && <Toast>{TOLD[frame.told]}</Toast>}
      </WithFormToken>
    ),
  })
}

/** Confirmations, shown on the page that follows a form. */
const TOLD: Partial<Record<string, string>> = {
  'account-changed': 'The account was changed',
  'account-removed': 'The account was removed',
  'users-saved': 'The team users were saved',
  'person-changed': 'The role and the teams were changed',
  'team-created': 'The team was created',
  'team-changed': 'The team was changed',
  'team-deleted': 'The team was deleted',
  'contact-changed': 'The preference was changed',
  stopping: 'The run is being stopped',
  'checked-again': 'Nothing was imported: these are new figures',
  'sent-again': 'The recap will be sent again',
  'settings-saved': 'The settings were saved',
  'password-changed': 'The password was changed; other sessions ended',
  'second-factor-off': 'The second factor is off',
  proven: 'Your password was confirmed',
  'session-ended': 'The session was ended',
  'token-deleted': 'The token was deleted',
  'file-discarded': 'The file was discarded; nothing was imported',
  'mail-sent': 'The test e-mail is on its way',
}

export function Toast({ children }: { children: Child }) {
  return (
    <div class="toasts">
      <div class="toast" role="status" data-toast>
        <Icon name="check" />
        {children}
      </div>
    </div>
  )
}

const TEAM_PAGES: readonly { path: string; title: string; icon: IconName }[] = [
  { path: 'imports', title: 'Imports', icon: 'imports' },
  { path: 'configure', title: 'Configure Imports', icon: 'config' },
  { path: 'manual-import', title: 'Manual Import', icon: 'upload' },
  { path: 'contacts', title: 'Contacts', icon: 'contacts' },
  { path: 'figures', title: 'Figures', icon: 'overview' },
  { path: 'users', title: 'Team users', icon: 'user' },
  { path: 'ftp-accounts', title: 'FTP accounts', icon: 'key' },
  { path: 'activity', title: 'Activity', icon: 'activity' },
  { path: 'settings', title: 'Team settings', icon: 'config' },
]

const OWNER_PAGES: readonly { path: string; title: string; icon: IconName }[] = [
  { path: '/teams', title: 'Teams', icon: 'inbox' },
  { path: '/people', title: 'People', icon: 'user' },
  { path: '/settings', title: 'Settings', icon: 'config' },
]

function Navigation({ frame, here, place }: { frame: Frame; here: string; place: 'side' | 'top' }) {
  const { menuTeam, owner, inTrouble } = frame
  const link = (href: string, path: string, title: string, icon: IconName) => (
    <a href={href} {...(here === path && { 'aria-current': 'page' as const })}>
      <Icon name={icon} />
      {title}
    </a>
  )
  return (
    <>
      <nav class="nav" aria-label="All teams">
        <a href="/?all=1" {...(here === '/' && { 'aria-current': 'page' as const })}>
          <Icon name="overview" />
          Overview
          {inTrouble > 0 && (
            <span class="count bad">
              {inTrouble}
              <span class="vh">{inTrouble === 1 ? ' team needs attention' : ' teams need attention'}</span>
            </span>
          )}
        </a>
        {link('/figures', '/figures', 'Figures', 'activity')}
      </nav>
      <TeamPicker frame={frame} here={here} place={place} />
      {menuTeam && (
        <nav class="nav" aria-label="Team">
          {TEAM_PAGES.map(({ path, title, icon }) => link(`/teams/${menuTeam.team}/${path}`, path, title, icon))}
        </nav>
      )}
      {owner && (
        <div>
          <p class="nav-h">Server</p>
          <nav class="nav" aria-label="Server settings">
            {OWNER_PAGES.map(({ path, title, icon }) => link(path, path, title, icon))}
          </nav>
        </div>
      )}
      <SideFoot frame={frame} place={place} />
    </>
  )
}

/** Opens the same page of another team; without scripts by its button. */
function TeamPicker({ frame, here, place }: { frame: Frame; here: string; place: 'side' | 'top' }) {
  const { teams, menuTeam } = frame
  if (teams.length === 0) return null
  const id = `team-${place}`
  return (
    <form action="/go" method="get">
      <label class="nav-h block" for={id}>
        Team
      </label>
      <div class="teampick">
        <input type="hidden" name="page" value={TEAM_PAGES.some(({ path }) => path === here) ? here : 'imports'} />
        <select class="in" id={id} name="team" data-picker>
          {!menuTeam && <option value="">Choose a team</option>}
          {teams.map((one) => (
            <option value={one.team} selected={one.team === menuTeam?.team}>
              {one.name}
            </option>
          ))}
        </select>
        <button class="btn sm" type="submit">
          Go
        </button>
      </div>
    </form>
  )
}

import type { Child } from 'hono/jsx'
import type { OptOutState } from '../../model/contact.ts'
import type { OptOutSettings } from '../../model/import-settings.ts'
import type { NamedImport, PreferenceChange } from '../../store/contacts/history/contact-history.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card } from '../ui/components/parts.tsx'
import { RunLink } from '../ui/components/run-link.tsx'
import { Time } from '../ui/components/time.tsx'
import { Texting } from './texting.tsx'
import type { ContactView } from './view.ts'

const STATES: Record<OptOutState, string> = { opted_in: 'Opted in', opted_out: 'Opted out' }

/** The texting preference and the history of its changes. */
export function Preference({ view, now }: { view: ContactView; now: Date }) {
  const { team, contact, history } = view
  const out = contact.optOut.state === 'opted_out'
  return (
    <Card id="preference" title="Texting preference" aside={<Texting contact={contact} />}>
      <div class="card-b stack">
        <ol class="log">
          {history.preference.map((change) => (
            <Step
              state={change.state}
              at={change.at}
              team={team}
              now={now}
              title={<Changed view={view} change={change} />}
            >
              <Reason view={view} change={change} />
            </Step>
          ))}
          <Beginning view={view} now={now} />
        </ol>
        <Form action={`/teams/${team.team}/contacts/${encodeURIComponent(contact.contactId)}`} class="row">
          <input type="hidden" name="state" value={out ? 'opted_in' : 'opted_out'} />
          <button class={out ? 'btn sm' : 'btn sm danger'} type="submit">
            {out ? 'Opt in' : 'Opt out'}
          </button>
          <span class="small muted">An administrator’s choice overrides imports.</span>
        </Form>
      </div>
    </Card>
  )
}

interface StepView {
  state: OptOutState
  at: Date
  team: ContactView['team']
  now: Date
  title: Child
  children: Child
}

function Step({ state, at, team, now, title, children }: StepView) {
  const out = state === 'opted_out'
  return (
    <li>
      <span class={out ? 'ic warn' : 'ic'}>
        <Icon name={out ? 'ban' : 'check'} />
      </span>
      <div>
        <b>{title}</b>
        <p>{children}</p>
      </div>
      <Time at={at} timeZone={team.timeZone} now={now} />
    </li>
  )
}

function Changed({ view, change }: { view: ContactView; change: PreferenceChange }) {
  const { state, source, was, by, undone, speaker } = change
  const what = state === was.state && !undone ? `${STATES[state]} as before, said` : STATES[state]
  if (source === 'contact' && !undone) return `${what} by the person`
  if (source === 'admin' && !undone) return `${what} by ${speaker ?? 'an administrator'}`
  return (
    <>
      {what} by {undone ? 'the undo of run' : 'run'}{' '}
      {by ? <RunLink base={`/teams/${view.team.team}/runs`} run={by} /> : 'that is no longer kept'}
    </>
  )
}

function Reason({ view, change }: { view: ContactView; change: PreferenceChange }) {
  const { state, source, by, undone, speaker } = change
  if (undone) return 'The preference was restored to what it was before that import.'
  if (source === 'import') return <Said view={view} state={state} by={by} />
  const told = source === 'contact' && speaker !== null ? `Reported by ${speaker}. ` : ''
  return `${told}${state === 'opted_out' ? 'Imports will not opt this contact back in.' : 'An import may opt this contact out again.'}`
}

/** The value in the file, explained by the settings of that import. */
function Said({ view, state, by }: { view: ContactView; state: OptOutState; by: NamedImport | null }) {
  const optOut = by ? view.optOutOfVersions.get(by.settingsVersion) : undefined
  if (!by || !optOut) return 'Set by the opt-out column of an imported file.'
  return (
    <>
      Column <code>{optOut.column}</code> of {by.fileName} {said(optOut, state)}
    </>
  )
}

function said({ optInValue, optOutValue, emptyMeans }: OptOutSettings, state: OptOutState): string {
  const value = state === 'opted_out' ? `“${optOutValue}”, the opt-out value` : `“${optInValue}”, the opt-in value`
  return emptyMeans === (state === 'opted_out' ? 'opt_out' : 'opt_in')
    ? `contained ${value}, or was empty, which means the same.`
    : `contained ${value}.`
}

const CAME_FROM = {
  default: 'The file had no opt-out value, so the contact was opted in.',
  import: 'Set by the opt-out column of an imported file.',
  admin: 'An administrator set it. Imports will not opt this contact back in.',
  contact: 'Set by the person. Imports will not opt this contact back in.',
} as const

/** The preference before its first recorded change. */
function Beginning({ view, now }: { view: ContactView; now: Date }) {
  const { team, contact, history } = view
  const { state, source } = history.preference.at(-1)?.was ?? contact.optOut
  const { changedAt } = contact.optOut
  const atFirst = history.preference.length > 0 || changedAt === contact.createdAt
  const { created } = history
  const title = (
    <>
      {STATES[state]}
      {atFirst && ' at the first import '}
      {atFirst && created && <RunLink base={`/teams/${team.team}/runs`} run={created} />}
    </>
  )
  return (
    <Step state={state} at={new Date(atFirst ? contact.createdAt : changedAt)} team={team} now={now} title={title}>
      {atFirst && source === 'import' ? <Said view={view} state={state} by={created} /> : CAME_FROM[source]}
    </Step>
  )
}

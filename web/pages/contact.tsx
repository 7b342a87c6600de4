import type { Contact } from '../../model/contact.ts'
import { FIELD_TITLES, type ImportSettings } from '../../model/import-settings.ts'
import type { Team } from '../../model/team.ts'
import type { Frame } from '../frame.ts'
import { Form } from './components/form.tsx'
import { Icon } from './components/icon.tsx'
import { Badge, Card, Head } from './components/parts.tsx'
import { Time } from './components/time.tsx'
import { momentWithin } from './format.ts'
import { shell } from './shell.tsx'

export interface ContactView {
  team: Team
  contact: Contact
  settings: ImportSettings
  /** The run whose import changed the contact last. */
  lastRun: { id: string; number: number } | null
}

export function contactPage(frame: Frame, view: ContactView) {
  const { team, contact, lastRun } = view
  const base = `/teams/${team.team}`
  return shell({
    title: `${contact.firstName} ${contact.lastName}`,
    frame,
    here: 'contacts',
    children: (
      <>
        <Head
          crumbs={[
            { label: team.name, href: `${base}/imports` },
            { label: 'Contacts', href: `${base}/contacts` },
            { label: contact.contactId },
          ]}
          title={
            <>
              {contact.firstName} {contact.lastName} <Texting contact={contact} />
            </>
          }
          sub={
            <>
              Last changed {momentWithin(new Date(contact.updatedAt), team.timeZone, frame.now)}
              {lastRun && (
                <>
                  , last imported by <a href={`${base}/runs/${lastRun.id}`}>run #{lastRun.number}</a>
                </>
              )}
            </>
          }
        />
        <div class="split">
          <div class="stack sections">
            <Fields view={view} />
            <Preference view={view} now={frame.now} />
          </div>
          <Conversation view={view} />
        </div>
      </>
    ),
  })
}

function Texting({ contact }: { contact: Contact }) {
  return contact.optOut.state === 'opted_out' ? (
    <Badge tone="warn" icon="ban">
      Opted out
    </Badge>
  ) : (
    <Badge tone="plain" icon="check">
      Opted in
    </Badge>
  )
}

function Fields({ view: { contact, settings } }: { view: ContactView }) {
  const { fields } = settings
  const standard: [string, string | null, string | null, string][] = [
    [FIELD_TITLES.contactId, contact.contactId, fields.contactId, 'Identity'],
    [FIELD_TITLES.firstName, contact.firstName, fields.firstName, 'Mergeable, visible'],
    [FIELD_TITLES.lastName, contact.lastName, fields.lastName, 'Mergeable, visible'],
    [FIELD_TITLES.mobileNumber, contact.mobileDisplay, fields.mobileNumber, 'Visible'],
    [FIELD_TITLES.staffId, contact.staffId, fields.staffId, 'Assignment'],
  ]
  const own = settings.additionalFields.map((field): [string, string | null, string | null, string] => [
    field.name,
    contact.customFields[field.name] ?? null,
    field.column,
    [field.mergeable && 'mergeable', field.visibleToUser && 'visible']
      .filter(Boolean)
      .join(', ')
      .replace(/^./, (c) => c.toUpperCase()) || 'Kept only',
  ])
  const known = new Set(settings.additionalFields.map(({ name }) => name))
  const former = Object.entries(contact.customFields)
    .filter(([name]) => !known.has(name))
    .map(([name, value]): [string, string | null, string | null, string] => [
      name,
      value,
      null,
      'Kept, no longer mapped',
    ])
  return (
    <Card id="fields" title="Fields" wideTitle={false} aside={<span class="small grow">As they are stored now</span>}>
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th>Field</th>
              <th>Value</th>
              <th>Column</th>
              <th>Used for</th>
            </tr>
          </thead>
          <tbody>
            {[...standard, ...own, ...former].map(([title, value, column, use]) => (
              <tr>
                <th scope="row">{title}</th>
                <td data-l="Value" class="wrap">
                  {value ?? <span class="chip nil">empty</span>}
                </td>
                <td data-l="Column">
                  {column ? <code class="soft">{column}</code> : <span class="muted">not mapped</span>}
                </td>
                <td data-l="Used for" class="soft">
                  {use}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

const CAME_FROM = {
  default: 'No opt-out value was given at the first import, so the contact was opted in.',
  import: 'The opt-out column of an imported file said so.',
  admin: 'An administrator set it. No import opts this contact in again.',
  contact: 'The person said so. No import opts this contact in again.',
} as const

function Preference({ view: { team, contact }, now }: { view: ContactView; now: Date }) {
  const { state, source, changedAt } = contact.optOut
  const out = state === 'opted_out'
  return (
    <Card id="preference" title="Texting preference" aside={<Texting contact={contact} />}>
      <div class="card-b stack">
        <ol class="log">
          <li>
            <span class={out ? 'ic warn' : 'ic'}>
              <Icon name={out ? 'ban' : 'check'} />
            </span>
            <div>
              <b>{out ? 'Opted out' : 'Opted in'}</b>
              <p>{CAME_FROM[source]}</p>
            </div>
            <Time at={new Date(changedAt)} timeZone={team.timeZone} now={now} />
          </li>
        </ol>
        <Form action={`/teams/${team.team}/contacts/${encodeURIComponent(contact.contactId)}`} class="row">
          <input type="hidden" name="state" value={out ? 'opted_in' : 'opted_out'} />
          <button class={out ? 'btn sm' : 'btn sm danger'} type="submit">
            {out ? 'Opt in' : 'Opt out'}
          </button>
          <span class="small muted">An administrator’s word counts before any import.</span>
        </Form>
      </div>
    </Card>
  )
}

/** The fields that are Visible to User, as users see them beside a conversation. */
function Conversation({ view: { team, contact, settings } }: { view: ContactView }) {
  const visible = settings.additionalFields.filter(({ visibleToUser }) => visibleToUser)
  const hidden = settings.additionalFields.filter(({ visibleToUser }) => !visibleToUser)
  const merged = settings.additionalFields.find(({ name, mergeable }) => mergeable && contact.customFields[name])
  return (
    <aside class="card" aria-labelledby="conversation-h">
      <header>
        <h2 id="conversation-h" class="grow">
          Conversation view
        </h2>
        <span class="small">as users see it</span>
      </header>
      <div class="card-b stack">
        <div class="row">
          <span class="avatar" aria-hidden="true">
            {contact.firstName.slice(0, 1)}
            {contact.lastName.slice(0, 1)}
          </span>
          <div>
            <b>
              {contact.firstName} {contact.lastName}
            </b>
            <p class="small muted">{contact.mobileDisplay}</p>
          </div>
        </div>
        <dl class="kv" style="--kv:6rem">
          {visible.map(({ name }) => (
            <>
              <dt>{name}</dt>
              <dd>{contact.customFields[name] ?? <span class="muted">none</span>}</dd>
            </>
          ))}
          <dt>Assigned to</dt>
          <dd>
            {contact.assignedTo?.name ?? (
              <span class="muted">{contact.staffId === null ? 'nobody' : `${contact.staffId} (no such user)`}</span>
            )}
          </dd>
        </dl>
        <div class="bubble">
          Hi <mark>{contact.firstName}</mark>
          {merged && (
            <>
              , about <mark>{contact.customFields[merged.name]}</mark>
            </>
          )}
          .
        </div>
        <p class="xs muted">
          An example of merged fields.
          {contact.optOut.state === 'opted_out' && ' This contact is opted out: users cannot text it.'}
        </p>
      </div>
      <footer>
        {hidden.length > 0 && `Hidden here: ${hidden.map(({ name }) => name).join(', ')}. `}
        <a href={`/teams/${team.team}/configure#more`}>Change</a>
      </footer>
    </aside>
  )
}

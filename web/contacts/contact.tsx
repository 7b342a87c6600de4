import { customField } from '../../model/custom-fields.ts'
import { FIELD_TITLES } from '../../model/import-settings.ts'
import { Card, Head } from '../ui/components/parts.tsx'
import { RunLink } from '../ui/components/run-link.tsx'
import { day, momentWithin } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { Conversation } from './conversation.tsx'
import { Preference } from './preference.tsx'
import { Texting } from './texting.tsx'
import type { ContactView } from './view.ts'

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
            <Fields view={view} now={frame.now} />
            <Preference view={view} now={frame.now} />
          </div>
          <Conversation view={view} />
        </div>
      </>
    ),
  })
}

function Fields({ view, now }: { view: ContactView; now: Date }) {
  const { contact, settings } = view
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
    customField(contact.customFields, field.name),
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
              <th>Last change</th>
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
                <td data-l="Last change" class="soft">
                  <LastChange title={title} view={view} now={now} />
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

/** When the value was set, as far back as the history goes. */
function LastChange({ title, view, now }: { title: string; view: ContactView; now: Date }) {
  const { team, contact, history } = view
  const base = `/teams/${team.team}/runs`
  const changed = history.fields.get(title)
  if (changed)
    return (
      <span>
        {day(changed.at, team.timeZone, now)}, <RunLink base={base} run={changed.by} />
      </span>
    )
  const createdAt = new Date(contact.createdAt)
  const never = title === FIELD_TITLES.contactId || contact.updatedAt === contact.createdAt
  if (!never && createdAt < history.knownSince) return `Before ${day(history.knownSince, team.timeZone, now)}`
  return `${day(createdAt, team.timeZone, now)}, first import`
}

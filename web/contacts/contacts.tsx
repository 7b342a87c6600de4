import type { OptOutSource } from '../../model/contact.ts'
import { Icon } from '../ui/components/icon.tsx'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Badge, Empty, Head } from '../ui/components/parts.tsx'
import { Time } from '../ui/components/time.tsx'
import { counted, figure, momentWithin } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { ContactsView } from './view.ts'

export const OPT_OUT_SOURCES: Record<OptOutSource, string> = {
  default: 'First import, no value',
  import: 'Import',
  admin: 'An administrator',
  contact: 'The person',
}

export function contactsPage(frame: Frame, view: ContactsView) {
  const { team, contacts, counts, filter } = view
  const path = `/teams/${team.team}/contacts`
  const filtered = Object.values(filter).some((value) => value !== '')
  return shell({
    title: 'Contacts',
    frame,
    here: 'contacts',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }]}
          title="Contacts"
          sub={`${figure(counts.contacts)} contacts, ${figure(counts.optedOut)} opted out`}
          acts={
            counts.contacts > 0 && (
              <a class="btn" href={`/api/teams/${team.team}/contacts.csv`} download>
                <Icon name="dl" />
                Export
              </a>
            )
          }
        />
        <Filters view={view} path={path} now={frame.now} />
        <section class="card" aria-label="Contacts">
          {contacts.length === 0 ? (
            filtered ? (
              <Empty
                alone
                icon="search"
                title={filter.search === '' ? 'No contact found' : `No contact matches “${filter.search}”`}
                acts={
                  <a class="btn sm" href={path}>
                    Clear the search
                  </a>
                }
              >
                Search finds the beginning of names and Contact IDs, and any four digits of a mobile number, in{' '}
                {team.name} only.
              </Empty>
            ) : (
              <Empty alone icon="contacts" title="No contact yet">
                The first import adds contacts.
              </Empty>
            )
          ) : (
            <ContactTable view={view} now={frame.now} />
          )}
          <Paging view={view} path={path} />
        </section>
      </>
    ),
  })
}

function Filters({ view, path, now }: { view: ContactsView; path: string; now: Date }) {
  const { team, users, runs, filter } = view
  const option = (name: keyof ContactsView['filter'], value: string, title: string) => (
    <option value={value} selected={filter[name] === value}>
      {title}
    </option>
  )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form is what searches without scripts
    <form class="filters" role="search" method="get" action={path}>
      <div class="search">
        <Icon name="search" />
        <input
          class="in"
          name="search"
          type="search"
          aria-label="Search"
          placeholder="Name, Contact ID or mobile number"
          value={filter.search}
        />
      </div>
      <select class="in" name="texting" aria-label="Texting">
        {option('texting', '', 'Opted in and out')}
        {option('texting', 'opted_in', 'Opted in')}
        {option('texting', 'opted_out', 'Opted out')}
      </select>
      <input
        class="in"
        name="staff"
        aria-label="Staff ID"
        placeholder="Any Staff ID"
        value={filter.staff}
        list="staff-ids"
      />
      <datalist id="staff-ids">
        {users.map(({ staffId, name }) => (
          <option value={staffId}>{name}</option>
        ))}
      </datalist>
      <select class="in" name="run" aria-label="Last changed by">
        {option('run', '', 'Changed by any run')}
        {filter.run !== '' &&
          !runs.some(({ number }) => String(number) === filter.run) &&
          option('run', filter.run, `Run #${filter.run}`)}
        {runs.map(({ number, startedAt, createdAt }) =>
          option(
            'run',
            String(number),
            `Run #${number}, ${momentWithin(new Date(startedAt ?? createdAt), team.timeZone, now)}`,
          ),
        )}
      </select>
      <button class="btn" type="submit">
        Search
      </button>
    </form>
  )
}

function ContactTable({ view: { team, contacts, imports }, now }: { view: ContactsView; now: Date }) {
  return (
    <div class="tw">
      <table class="tbl cards">
        <thead>
          <tr>
            <th>Name</th>
            <th>Contact ID</th>
            <th>Mobile</th>
            <th>Staff ID</th>
            <th>Texting</th>
            <th>Preference from</th>
            <th>Changed</th>
          </tr>
        </thead>
        <tbody>
          {contacts.map((contact) => (
            <tr class="link">
              <th scope="row" class="name">
                <a class="rowlink" href={`/teams/${team.team}/contacts/${encodeURIComponent(contact.contactId)}`}>
                  {contact.lastName}, {contact.firstName}
                </a>
              </th>
              <td data-l="Contact ID" class="name">
                {contact.contactId}
              </td>
              <td data-l="Mobile" class="nowrap">
                {contact.mobileDisplay}
              </td>
              <td data-l="Staff ID" class="soft name">
                {contact.staffId === null ? (
                  <span class="muted">none</span>
                ) : (
                  <span>
                    {contact.staffId}
                    {contact.assignedTo && <span class="xs muted hide-s"> {contact.assignedTo.name}</span>}
                  </span>
                )}
              </td>
              <td class="end">
                {contact.optOut.state === 'opted_out' ? (
                  <Badge tone="warn" icon="ban">
                    Opted out
                  </Badge>
                ) : (
                  <span class="small soft">Opted in</span>
                )}
              </td>
              <td data-l="Preference from" class="soft hide-s">
                {OPT_OUT_SOURCES[contact.optOut.source]}
                {imports.has(contact.contactId) && ` #${imports.get(contact.contactId)}`}
              </td>
              <td data-l="Changed" class="nowrap soft">
                <Time at={new Date(contact.updatedAt)} timeZone={team.timeZone} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Paging({ view: { contacts, filter, after, next }, path }: { view: ContactsView; path: string }) {
  if (contacts.length === 0) return null
  const filtered = Object.values(filter).some((value) => value !== '')
  return (
    <Pager
      first={after === null ? null : { href: linkTo(path, filter), title: 'First' }}
      on={next === null ? null : { href: linkTo(path, { ...filter, after: next }), title: 'Next' }}
    >
      {counted(contacts.length, 'contact')}
      {(next !== null || after !== null) && (filtered ? ' of those that match, by Contact ID' : ', by Contact ID')}
    </Pager>
  )
}

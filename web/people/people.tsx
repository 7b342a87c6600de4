import type { Team } from '../../model/team.ts'
import type { Person } from '../../store/people/people.ts'
import { Choice, FaultSummary, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Badge, Card, Head } from '../ui/components/parts.tsx'
import { counted } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { PeopleView } from './view.ts'

export function peoplePage(frame: Frame, view: PeopleView) {
  const { people, invited, failed } = view
  const isLong = view.next !== null || view.after !== null
  return shell({
    title: 'People',
    frame,
    here: '/people',
    children: (
      <>
        <Head
          title="People"
          sub="Who can sign in. Owners can access all teams and this page, admins their own teams."
        />
        {invited && <Invited invited={invited} />}
        {failed && (
          <div class="note bad" role="alert" tabindex={-1} data-focus>
            <Icon name="err" />
            <div class="grow">
              <b>{failed.person} was not changed.</b> {failed.detail}
            </div>
          </div>
        )}
        <Card
          id="people"
          title="People"
          aside={!isLong && <span class="small">{counted(people.length, 'person', 'people')}</span>}
        >
          <div class="tw">
            <table class="tbl cards">
              <thead>
                <tr>
                  <th>Person</th>
                  <th>State</th>
                  <th>Role</th>
                  <th>Teams</th>
                  <th>Second factor</th>
                  <th>
                    <span class="vh">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {people.map((person) => (
                  <PersonLine person={person} teams={view.teams} own={person.email === frame.email} />
                ))}
              </tbody>
            </table>
          </div>
          {isLong && (
            <Pager
              first={view.after === null ? null : { href: '/people', title: 'First people' }}
              on={view.next === null ? null : { href: linkTo('/people', { after: view.next }), title: 'Next people' }}
            >
              {counted(people.length, 'person', 'people')} on this page, by e-mail address
            </Pager>
          )}
        </Card>
        <Invite view={view} />
      </>
    ),
  })
}

function Invited({ invited: { email, link } }: { invited: { email: string; link: string | null } }) {
  return (
    <section class="note info" aria-label="Invitation" tabindex={-1} data-focus>
      <Icon name="mail" />
      <div class="grow stack-2">
        <div>
          <b>{email} is invited.</b>{' '}
          {link === null
            ? 'A link to set a password was sent by e-mail. It expires in three days.'
            : 'No mail server is set up. Give them this link; it expires in three days and is shown only once.'}
        </div>
        {link !== null && (
          <div class="secret">
            <code id="link">{link}</code>
            <button class="btn only-js" type="button" data-copy="link">
              <Icon name="copy" />
              <span data-label>Copy</span>
            </button>
          </div>
        )}
      </div>
    </section>
  )
}

function namesOf(slugs: readonly string[], teams: readonly Team[]): string[] {
  const names = new Map(teams.map(({ team, name }) => [team, name]))
  return slugs.map((slug) => names.get(slug) ?? slug)
}

function PersonLine({ person, teams, own }: { person: Person; teams: readonly Team[]; own: boolean }) {
  const press = (act: string, title: string, danger = false) => (
    <Form action={`/people/${person.id}/${act}`}>
      <button class={danger ? 'btn sm danger' : 'btn sm'} type="submit">
        {title}
        <span class="vh"> {person.email}</span>
      </button>
    </Form>
  )
  return (
    <tr>
      <th scope="row">
        {person.name || person.email}
        {person.name && <p class="xs muted">{person.email}</p>}
      </th>
      <td class="end">
        {person.state === 'active' ? (
          <Badge tone="ok" icon="check">
            Active
          </Badge>
        ) : (
          <Badge tone="plain" icon="mail">
            Invited
          </Badge>
        )}
      </td>
      <td data-l="Role">{person.role === 'owner' ? 'Owner' : 'Admin'}</td>
      <td data-l="Teams" class="soft">
        {person.role === 'owner'
          ? 'all'
          : namesOf(person.teams, teams).join(', ') || <span class="t-warn">none yet</span>}
      </td>
      <td data-l="Second factor" class="soft">
        {person.secondFactor === 'on' ? 'on' : 'off'}
      </td>
      <td class="num">
        <details class="more">
          <summary class="btn sm">
            Edit<span class="vh"> {person.email}</span>
          </summary>
          <div class="row acts">
            {press('invitation', 'New link')}
            {person.secondFactor === 'on' && press('second-factor', 'Turn off the second factor')}
            {press('sessions', 'End sessions')}
            {!own && press('remove', 'Remove', true)}
          </div>
          <Form class="stack-2 edit" action={`/people/${person.id}/change`}>
            <Choice
              name={`role-${person.id}`}
              field="role"
              legend="Role"
              value={person.role}
              options={[
                { value: 'admin', label: 'Admin' },
                { value: 'owner', label: 'Owner' },
              ]}
            />
            <Teams teams={teams} chosen={person.teams} />
            <div class="row">
              <button class="btn sm" type="submit">
                Save<span class="vh"> role and teams of {person.email}</span>
              </button>
            </div>
          </Form>
        </details>
      </td>
    </tr>
  )
}

function Invite({ view: { teams, refused } }: { view: PeopleView }) {
  const form = refused?.form ?? {}
  const faults = refused?.faults ?? []
  return (
    <Card id="invite" title="Invite a person">
      <Form class="card-b stack" action="/people">
        <FaultSummary faults={faults} />
        <div class="grid2">
          <TextField
            name="email"
            label="E-mail"
            type="email"
            value={form.email ?? ''}
            faults={faults}
            autocomplete="off"
          />
          <TextField name="name" label="Name" value={form.name ?? ''} faults={faults} optional autocomplete="off" />
        </div>
        <Choice
          name="role"
          legend="Role"
          value={form.role ?? 'admin'}
          options={[
            { value: 'admin', label: 'Admin', small: 'The teams below.' },
            { value: 'owner', label: 'Owner', small: 'All teams, people and settings.' },
          ]}
        />
        <Teams teams={teams} chosen={refused?.chosen ?? []} />
        <div class="row">
          <button class="btn primary" type="submit">
            Invite
          </button>
        </div>
      </Form>
    </Card>
  )
}

function Teams({ teams, chosen }: { teams: readonly Team[]; chosen: readonly string[] }) {
  // One that is not sent is taken away from the person.
  const [offered, given] = [new Set(teams.map(({ team }) => team)), new Set(chosen)]
  const notOffered = chosen.filter((team) => !offered.has(team)).map((team) => ({ team, name: team }))
  return (
    <fieldset class="field">
      <legend class="legend">Teams</legend>
      <div class="row">
        {[...teams, ...notOffered].map(({ team, name }) => (
          <label class="check">
            <input type="checkbox" name="team" value={team} checked={given.has(team)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

import type { Team } from '../../model/team.ts'
import type { Fault } from '../http/refusal.ts'
import { Err, FaultSummary, faultOf, idOf } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Card, Head } from '../ui/components/parts.tsx'
import { SearchForm } from '../ui/components/search-form.tsx'
import { counted } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { UserLine } from './users-form.ts'

export interface UsersView {
  team: Team
  /** Of this page, as saved or as typed. */
  lines: readonly UserLine[]
  faults: readonly Fault[]
  search: string
  after: string | null
  next: string | null
  /** Of the whole list. */
  count: number
}

/** A page of the users in one form: either all of it is valid or nothing is saved. */
export function usersPage(frame: Frame, view: UsersView) {
  const { team, lines, faults, search, after, next, count } = view
  const path = `/teams/${team.team}/users`
  const isLong = next !== null || after !== null || search !== ''
  const shown = lines.filter(({ removed }) => !removed).length
  return shell({
    title: 'Team users',
    frame,
    here: 'users',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }]}
          title="Team users"
          sub="Contacts are assigned to the user with their Staff ID, even if the user is added later."
        />
        <FaultSummary faults={faults} />
        {isLong && (
          <SearchForm path={path} label="User" placeholder="Staff ID, name or e-mail address" search={search} />
        )}
        <Form action={linkTo(path, { search, after: after ?? '' })}>
          <Card id="users" title="Users" aside={<span class="small">{counted(count, 'user')}</span>}>
            <div class="tw">
              <table class="tbl cards">
                <thead>
                  <tr>
                    <th>Staff ID</th>
                    <th>Name</th>
                    <th>E-mail</th>
                    <th>
                      <span class="vh">Remove</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {lines.map((user, index) => (
                    <tr hidden={user.removed}>
                      {(['staffId', 'name', 'email'] as const).map((name) => (
                        <td data-l={TITLES[name]} class="wide">
                          <UserInput
                            name={`${index}.${name}`}
                            label={`${TITLES[name]} of user ${index + 1}`}
                            value={user[name]}
                            faults={faults}
                            type={name === 'email' ? 'email' : 'text'}
                          />
                        </td>
                      ))}
                      <td class="num">
                        <input type="hidden" name={`${index}.was`} value={user.was} />
                        {user.removed && <input type="hidden" name={`${index}.removed`} value="1" />}
                        <button
                          class="btn quiet icon"
                          type="submit"
                          name="remove"
                          value={String(index)}
                          aria-label={`Remove ${user.name || `user ${index + 1}`}`}
                        >
                          <Icon name="trash" />
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {shown === 0 && search !== '' && <p class="card-b">No user matches “{search}”.</p>}
            {isLong && (
              <Pager
                first={after === null ? null : { href: linkTo(path, { search }), title: 'First users' }}
                on={next === null ? null : { href: linkTo(path, { search, after: next }), title: 'Next users' }}
              >
                {counted(shown, 'user')} on this page; save before you leave it
              </Pager>
            )}
            <footer>
              <div class="row between">
                <button class="btn sm" type="submit" name="add" value="1">
                  <Icon name="plus" />
                  Add user
                </button>
                <button class="btn primary" type="submit" name="save" value="1">
                  Save users
                </button>
              </div>
            </footer>
          </Card>
        </Form>
      </>
    ),
  })
}

const TITLES = { staffId: 'Staff ID', name: 'Name', email: 'E-mail' } as const

function UserInput({
  name,
  label,
  value,
  faults,
  type,
}: {
  name: string
  label: string
  value: string
  faults: readonly Fault[]
  type: string
}) {
  const id = idOf(name)
  const fault = faultOf(faults, name)
  return (
    <>
      <input
        class="in"
        id={id}
        name={name}
        type={type}
        value={value}
        aria-label={label}
        {...(fault && { 'aria-invalid': 'true' as const, 'aria-describedby': `${id}-err` })}
      />
      <Err id={id} fault={fault} />
    </>
  )
}

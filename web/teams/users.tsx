import type { Team } from '../../model/team.ts'
import type { TeamUser } from '../../store/team-users.ts'
import type { Fault } from '../http/refusal.ts'
import { Err, FaultSummary, faultOf, idOf } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card, Head } from '../ui/components/parts.tsx'
import { counted } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'

/** The users of a team in one form: either all are valid or none is saved. */
export function usersPage(
  frame: Frame,
  { team, users, faults }: { team: Team; users: readonly TeamUser[]; faults: readonly Fault[] },
) {
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
        <Form action={`/teams/${team.team}/users`}>
          <Card
            id="users"
            title="Users"
            aside={<span class="small">{counted(users.filter(({ staffId }) => staffId).length, 'user')}</span>}
          >
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
                  {users.map((user, index) => (
                    <tr>
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

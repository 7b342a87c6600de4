import { Form } from '../ui/components/form.tsx'
import { Card } from '../ui/components/parts.tsx'
import { Time } from '../ui/components/time.tsx'
import { counted } from '../ui/format.ts'
import type { AccountView } from './view.ts'

/** An earlier version let people make any number. */
const MOST_SHOWN = 100

/** The API tokens of this person. They outlive a new password, so this page shows them and can delete them. */
export function Tokens({ view: { tokens }, now }: { view: AccountView; now: Date }) {
  const zone = { timeZone: 'UTC', now }
  return (
    <Card
      id="tokens"
      title="API tokens"
      aside={
        <span class="small">{tokens.length === 0 ? 'None' : `${counted(tokens.length, 'token')}, times in UTC`}</span>
      }
    >
      {tokens.length > 0 && (
        <div class="tw">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>Name</th>
                <th>Access</th>
                <th>Team</th>
                <th>Created</th>
                <th>Last used</th>
                <th>
                  <span class="vh">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tokens.slice(0, MOST_SHOWN).map(({ id, name, access, team, createdAt, lastUsedAt }) => (
                <tr>
                  <th scope="row">{name}</th>
                  <td data-l="Access">{access === 'full' ? 'Read and change' : 'Read only'}</td>
                  <td data-l="Team">{team ?? 'All of yours'}</td>
                  <td data-l="Created" class="nowrap">
                    <Time at={new Date(createdAt)} {...zone} />
                  </td>
                  <td data-l="Last used" class="nowrap">
                    {lastUsedAt ? <Time at={new Date(lastUsedAt)} {...zone} /> : <span class="muted">never</span>}
                  </td>
                  <td class="end num">
                    <Form action="/account">
                      <input type="hidden" name="act" value="delete-token" />
                      <input type="hidden" name="token" value={id} />
                      <button class="btn sm" type="submit">
                        Delete<span class="vh"> the token {name}</span>
                      </button>
                    </Form>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <footer>
        {tokens.length > MOST_SHOWN && `The oldest ${MOST_SHOWN} are shown. `}
        Programs use tokens to call the API as you. A new password does not end them: delete any you do not know.
      </footer>
    </Card>
  )
}

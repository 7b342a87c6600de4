import { Form } from '../ui/components/form.tsx'
import { Badge, Card } from '../ui/components/parts.tsx'
import { Time } from '../ui/components/time.tsx'
import { counted } from '../ui/format.ts'
import { browserName } from './browser-name.ts'
import type { AccountView } from './view.ts'

/** A program that signs in for each call has thousands. */
const MOST_SHOWN = 100

/** Every browser in which this person is signed in. */
export function Sessions({ view: { sessions }, now }: { view: AccountView; now: Date }) {
  const zone = { timeZone: 'UTC', now }
  return (
    <Card
      id="sessions"
      title="Sessions"
      aside={<span class="small">{counted(sessions.length, 'browser')} signed in, times in UTC</span>}
    >
      <div class="tw">
        <table class="tbl cards">
          <thead>
            <tr>
              <th>Address</th>
              <th>Browser</th>
              <th>Signed in</th>
              <th>Last used</th>
              <th>
                <span class="vh">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.slice(0, MOST_SHOWN).map(({ id, address, userAgent, createdAt, lastSeenAt, current }) => (
              <tr>
                <th scope="row" class="mono">
                  {address ?? 'unknown'}
                </th>
                <td data-l="Browser" class="soft" title={userAgent ?? undefined}>
                  {userAgent ? browserName(userAgent) : 'unknown'}
                </td>
                <td data-l="Signed in" class="nowrap">
                  <Time at={new Date(createdAt)} {...zone} />
                </td>
                <td data-l="Last used" class="nowrap">
                  <Time at={new Date(lastSeenAt)} {...zone} />
                </td>
                <td class="end num">
                  {current ? (
                    <Badge tone="ok" icon="check">
                      This one
                    </Badge>
                  ) : (
                    <Form action="/account">
                      <input type="hidden" name="act" value="end" />
                      <input type="hidden" name="session" value={id} />
                      <button class="btn sm" type="submit">
                        End<span class="vh"> the session from {address ?? 'an unknown address'}</span>
                      </button>
                    </Form>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <footer>
        {sessions.length > MOST_SHOWN && <p>The {MOST_SHOWN} that were used last are shown.</p>}
        <EndAll />
      </footer>
    </Card>
  )
}

export function EndAll() {
  return (
    <Form class="row" action="/account">
      <button class="btn sm danger" type="submit" name="act" value="end-all">
        Sign out everywhere
      </button>
      <span class="small soft">Ends every session, including this one.</span>
    </Form>
  )
}

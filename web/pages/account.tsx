import type { openSessions } from '../../store/sessions.ts'
import type { Fault } from '../errors.ts'
import type { Frame } from '../frame.ts'
import { FaultSummary, TextField } from './components/fields.tsx'
import { Form } from './components/form.tsx'
import { Icon } from './components/icon.tsx'
import { Badge, Card, Head, Note } from './components/parts.tsx'
import { Time } from './components/time.tsx'
import { counted } from './format.ts'
import { shell } from './shell.tsx'

export interface AccountView {
  sessions: Awaited<ReturnType<typeof openSessions>>
  secondFactor: 'on' | 'off'
  /** This server asks for a second factor, and this person has none yet. */
  secondFactorMissing: boolean
  /** The otpauth address of a second factor that waits for its first code; shown by this very answer. */
  proposed: string | null
  /** Made by this very request, and shown by this answer alone. */
  recoveryCodes: readonly string[] | null
  recoveryCodesLeft: number
  /** The password was given so long ago that some things ask for it again. */
  proofNeeded: boolean
  refused: { act: string; faults: readonly Fault[] } | null
}

/** What people do with their own account. */
export function accountPage(frame: Frame, view: AccountView) {
  const { secondFactorMissing, refused } = view
  const faultsOf = (...acts: string[]) => (refused && acts.includes(refused.act) ? refused.faults : [])
  return shell({
    title: 'Your account',
    frame,
    here: '/account',
    children: (
      <>
        <Head title="Your account" sub={frame.email} />
        {secondFactorMissing && (
          <Note tone="warn" icon="key" title="Set up a second factor first.">
            This server asks everybody for a code of an authenticator app. The other pages open once yours is on.
          </Note>
        )}
        {view.recoveryCodes && <RecoveryCodes codes={view.recoveryCodes} />}
        {view.proofNeeded && !secondFactorMissing && <Proof email={frame.email} faults={faultsOf('prove')} />}
        <SecondFactor view={view} faults={faultsOf('begin', 'confirm', 'off', 'codes')} />
        {!secondFactorMissing && (
          <>
            <Password email={frame.email} faults={faultsOf('password')} />
            <Sessions view={view} now={frame.now} />
          </>
        )}
        {secondFactorMissing && <EndAll />}
      </>
    ),
  })
}

/** For the day on which the app is lost: text to be printed or copied, as it is never shown again. */
function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <section class="note info" aria-label="Recovery codes" tabindex={-1} data-focus>
      <Icon name="key" />
      <div class="grow stack-2">
        <div>
          <b>Keep these recovery codes where your authenticator app is not.</b> Each lets you in once in the place of a
          code of the app. They are shown this once.
        </div>
        <pre class="sheet" id="recovery-codes">
          {codes.join('\n')}
        </pre>
        <div>
          <button class="btn sm only-js" type="button" data-copy="recovery-codes">
            <Icon name="copy" />
            <span data-label>Copy</span>
          </button>
        </div>
      </div>
    </section>
  )
}

/** Only shown while it is due. */
function Proof({ email, faults }: { email: string; faults: readonly Fault[] }) {
  return (
    <Card id="proof" title="Is it still you?">
      <Form class="card-b stack" action="/account">
        <FaultSummary faults={faults} />
        <input type="hidden" name="username" value={email} autocomplete="username" />
        <p class="soft">
          Making tokens, owners and new links asks for your password when it was last given more than half an hour ago.
        </p>
        <div class="grid2">
          <TextField
            name="proof"
            label="Your password"
            type="password"
            value=""
            faults={faults}
            autocomplete="current-password"
            required
          />
        </div>
        <div class="row">
          <button class="btn" type="submit" name="act" value="prove">
            Confirm
          </button>
        </div>
      </Form>
    </Card>
  )
}

function Password({ email, faults }: { email: string; faults: readonly Fault[] }) {
  return (
    <Card id="change-password" title="Password">
      <Form class="card-b stack" action="/account">
        <FaultSummary faults={faults} />
        <input type="hidden" name="act" value="password" />
        <input type="hidden" name="username" value={email} autocomplete="username" />
        <div class="grid2">
          <TextField
            name="current"
            label="Present password"
            type="password"
            value=""
            faults={faults}
            autocomplete="current-password"
            required
          />
          <TextField
            name="password"
            label="New password"
            type="password"
            value=""
            faults={faults}
            autocomplete="new-password"
            required
            hint="At least 12 characters. Your other sessions end."
          />
        </div>
        <div class="row">
          <button class="btn" type="submit">
            Change password
          </button>
        </div>
      </Form>
    </Card>
  )
}

function SecondFactor({
  view: { secondFactor, proposed, secondFactorMissing, recoveryCodesLeft },
  faults,
}: {
  view: AccountView
  faults: readonly Fault[]
}) {
  const on = secondFactor === 'on'
  return (
    <Card
      id="second-factor"
      title="Second factor"
      aside={
        <Badge tone={on ? 'ok' : 'plain'} icon={on ? 'check' : 'minus'}>
          {on ? 'On' : 'Off'}
        </Badge>
      }
    >
      <Form class="card-b stack" action="/account">
        <FaultSummary faults={faults} />
        {proposed === null ? (
          <>
            <p class="soft">
              {on
                ? `Each sign-in asks for a code of your authenticator app. Without the app a recovery code lets you in: you have ${recoveryCodesLeft} left, or an owner turns it off for you.`
                : 'A code of an authenticator app at each sign-in, besides the password.'}
            </p>
            <div class="grid2">
              <TextField
                name="own"
                label="Your password"
                type="password"
                value=""
                faults={faults}
                autocomplete="current-password"
                required
              />
            </div>
            <div class="row">
              <button
                class={on ? 'btn danger' : secondFactorMissing ? 'btn primary' : 'btn'}
                type="submit"
                name="act"
                value={on ? 'off' : 'begin'}
              >
                {on ? 'Turn off' : 'Set up'}
              </button>
              {on && (
                <button class="btn" type="submit" name="act" value="codes">
                  Make new recovery codes
                </button>
              )}
            </div>
          </>
        ) : (
          <Confirm uri={proposed} faults={faults} />
        )}
      </Form>
    </Card>
  )
}

/** The secret as text, so that any app can take it, and the code that shows that one did. */
function Confirm({ uri, faults }: { uri: string; faults: readonly Fault[] }) {
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  return (
    <>
      <input type="hidden" name="uri" value={uri} />
      <p>
        <b>1.</b> Give this key to your authenticator app, as a key by time. It is shown this once.
      </p>
      <div class="secret">
        <code id="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        <button class="btn only-js" type="button" data-copy="secret">
          <Icon name="copy" />
          <span data-label>Copy</span>
        </button>
      </div>
      <p class="small soft">
        An app on this device may take it as an address: <a href={uri}>open the app</a>, or copy
      </p>
      <p class="mono xs wrap">{uri}</p>
      <p>
        <b>2.</b> Type the code that the app shows.
      </p>
      <div class="grid2">
        <TextField name="code" label="Code" value="" faults={faults} mono autocomplete="one-time-code" required />
      </div>
      <div class="row">
        <button class="btn primary" type="submit" name="act" value="confirm">
          Turn on
        </button>
      </div>
    </>
  )
}

function Sessions({ view: { sessions }, now }: { view: AccountView; now: Date }) {
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
            {sessions.map(({ id, address, userAgent, createdAt, lastSeenAt, current }) => (
              <tr>
                <th scope="row" class="mono">
                  {address ?? 'unknown'}
                </th>
                <td data-l="Browser" class="soft">
                  {userAgent ?? 'unknown'}
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
        <EndAll />
      </footer>
    </Card>
  )
}

function EndAll() {
  return (
    <Form class="row" action="/account">
      <button class="btn sm danger" type="submit" name="act" value="end-all">
        Sign out everywhere
      </button>
      <span class="small soft">Ends every session, this one too.</span>
    </Form>
  )
}

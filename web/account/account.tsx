import type { Fault } from '../http/refusal.ts'
import { FaultSummary, PasswordField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card, Head, Note } from '../ui/components/parts.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { SecondFactor } from './second-factor.tsx'
import { EndAll, Sessions } from './sessions.tsx'
import { Tokens } from './tokens.tsx'
import type { AccountView } from './view.ts'

export function accountPage(frame: Frame, view: AccountView) {
  const { mustChangePassword, secondFactorMissing, refused } = view
  const faultsOf = (...acts: string[]) => (refused && acts.includes(refused.act) ? refused.faults : [])
  if (mustChangePassword)
    return shell({
      title: 'Choose a password',
      frame,
      here: '/account',
      children: (
        <>
          <Head title="Choose a password" sub={frame.email} />
          <Note tone="warn" icon="key" title="Choose a password of your own first.">
            The one that you signed in with was printed when the server started. The other pages open once you have
            changed it.
          </Note>
          <Password email={frame.email} faults={faultsOf('password')} />
        </>
      ),
    })
  return shell({
    title: 'Your account',
    frame,
    here: '/account',
    children: (
      <>
        <Head title="Your account" sub={frame.email} />
        {secondFactorMissing && (
          <Note tone="warn" icon="key" title="Set up a second factor first.">
            This server requires a code from an authenticator app. The other pages open once yours is set up.
          </Note>
        )}
        {view.recoveryCodes && <RecoveryCodes codes={view.recoveryCodes} />}
        {view.passwordNeeded && !secondFactorMissing && <Proof email={frame.email} faults={faultsOf('prove')} />}
        <SecondFactor view={view} faults={faultsOf('begin', 'confirm', 'off', 'codes')} />
        {!secondFactorMissing && (
          <>
            <Password email={frame.email} faults={faultsOf('password')} />
            <Sessions view={view} now={frame.now} />
            <Tokens view={view} now={frame.now} />
          </>
        )}
        {secondFactorMissing && <EndAll />}
      </>
    ),
  })
}

/** Recovery codes to print or copy; they are never shown again. */
function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <section class="note info" aria-label="Recovery codes" tabindex={-1} data-focus>
      <Icon name="key" />
      <div class="grow stack-2">
        <div>
          <b>Keep these recovery codes away from your authenticator app.</b> Each works once, instead of a code from the
          app. They are shown only once.
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

/** Shown only if the password must be confirmed. */
function Proof({ email, faults }: { email: string; faults: readonly Fault[] }) {
  return (
    <Card id="proof" title="Confirm your password">
      <Form class="card-b stack" action="/account">
        <FaultSummary faults={faults} />
        <input type="hidden" name="username" value={email} autocomplete="username" />
        <p class="soft">
          To create tokens, owners or new links you must have entered your password in the last 30 minutes.
        </p>
        <div class="grid2">
          <PasswordField name="proof" label="Your password" faults={faults} />
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
          <PasswordField name="current" label="Current password" faults={faults} />
          <PasswordField
            name="password"
            label="New password"
            faults={faults}
            isNew
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

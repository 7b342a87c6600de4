import type { Fault } from '../http/refusal.ts'
import { FaultSummary, PasswordField, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Badge, Card } from '../ui/components/parts.tsx'
import type { AccountView } from './view.ts'

/** State of the second factor and its buttons. */
export function SecondFactor({
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
                ? `Each sign-in requires a code from your authenticator app. Without the app, use a recovery code (${recoveryCodesLeft} left) or ask an owner to turn the second factor off.`
                : 'A code from an authenticator app at each sign-in, in addition to the password.'}
            </p>
            <div class="grid2">
              <PasswordField name="own" label="Your password" faults={faults} />
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

/** The key as text, for any app, and the field for the first code. */
function Confirm({ uri, faults }: { uri: string; faults: readonly Fault[] }) {
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  return (
    <>
      <input type="hidden" name="uri" value={uri} />
      <p>
        <b>1.</b> Enter this key in your authenticator app, as a time-based key. It is shown only once.
      </p>
      <div class="secret">
        <code id="secret">{secret.replace(/(.{4})(?=.)/g, '$1 ')}</code>
        <button class="btn only-js" type="button" data-copy="secret">
          <Icon name="copy" />
          <span data-label>Copy</span>
        </button>
      </div>
      <p class="small soft">
        An app on this device can take it from a link: <a href={uri}>open the app</a>, or copy
      </p>
      <p class="mono xs wrap">{uri}</p>
      <p>
        <b>2.</b> Enter the code that the app shows.
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

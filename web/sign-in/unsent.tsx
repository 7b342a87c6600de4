import type { Look } from '../http/look.ts'
import type { UnsentForm } from '../http/sessions/unsent-form.ts'
import { Form, WithFormToken } from '../ui/components/form.tsx'
import { GateFrame } from '../ui/components/gate.tsx'
import { document } from '../ui/document.tsx'

export interface UnsentPage {
  look: Look
  unsent: UnsentForm
  to: string
  token: string
  /** Who is signed in, who need not be the person who filled in the form. */
  email: string
}

/** After a sign-in: the form that had come without a session, to be sent again as it was. Nothing is done unasked. */
export function unsentPage({ look, unsent, to, token, email }: UnsentPage) {
  return document({
    title: 'Your changes are still here',
    look,
    children: (
      <GateFrame>
        <WithFormToken token={token}>
          <Form action={unsent.action} class="card">
            <h1>Your changes are still here</h1>
            <p>You were signed out before they were sent. Nothing has been saved yet.</p>
            <p>
              They go to <span class="mono">{unsent.action}</span>, in the name of {email}. If somebody else made them
              at this browser, do not send them.
            </p>
            {unsent.fields.map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <button class="btn primary" type="submit" autofocus>
              Send them now
            </button>
            <a class="btn" href={to}>
              Discard them
            </a>
          </Form>
        </WithFormToken>
      </GateFrame>
    ),
  })
}

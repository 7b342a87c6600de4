import type { Look } from '../http/look.ts'
import type { UnsentForm } from '../http/sessions/unsent-form.ts'
import { Gate } from '../ui/components/gate.tsx'
import { document } from '../ui/document.tsx'

export interface SignInPage {
  look: Look
  /** The page to go on to. */
  to: string
  /** As entered in the refused form. */
  email: string
  fault: string | null
  /** The password was right, but a code is needed. */
  asksCode: boolean
  /** What the person had sent without a session; it is sent again after the sign-in. */
  unsent?: UnsentForm | null
}

export function signInPage({ look, to, email, fault, asksCode, unsent = null }: SignInPage) {
  return document({
    title: 'Sign in',
    look,
    children: (
      <Gate
        action="/sign-in"
        title="Sign in"
        fault={fault}
        foot={<p class="small muted">FTP accounts cannot sign in here.</p>}
      >
        <input type="hidden" name="to" value={to} />
        {unsent && (
          <>
            <input type="hidden" name="unsent" value={JSON.stringify(unsent)} />
            <p>You were signed out. Sign in, and your changes are still here.</p>
          </>
        )}
        <div class="field">
          <label for="email">E-mail</label>
          <input
            class="in"
            id="email"
            name="email"
            type="email"
            autocomplete="username"
            autocapitalize="none"
            required
            value={email}
            {...(fault !== null && { 'aria-describedby': 'fault' })}
          />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input
            class="in"
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            required
            {...(fault !== null && { 'aria-describedby': 'fault' })}
          />
        </div>
        {asksCode && (
          <div class="field">
            <label for="code">Code from your authenticator app, or a recovery code</label>
            <input
              class="in"
              id="code"
              name="code"
              autocomplete="one-time-code"
              maxlength={60}
              required
              aria-describedby="fault"
            />
          </div>
        )}
        <button class="btn primary" type="submit">
          Sign in
        </button>
        <p class="small muted">Forgotten your password? An owner of this server can set a new one.</p>
      </Gate>
    ),
  })
}

/** For a person whose form came without a session. */
export function signInAgain(look: Look, to: string, unsent: UnsentForm) {
  return signInPage({ look, to, email: '', fault: null, asksCode: false, unsent })
}

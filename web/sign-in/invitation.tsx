import type { Look } from '../http/look.ts'
import { Gate } from '../ui/components/gate.tsx'
import { document } from '../ui/document.tsx'

export interface InvitationPage {
  look: Look
  token: string
  email: string
  name: string
  fault: string | null
}

/** The page behind an invitation link. */
export function invitationPage({ look, token, email, name, fault }: InvitationPage) {
  return document({
    title: 'Choose a password',
    look,
    children: (
      <Gate action="/invitation" title="Choose a password" fault={fault}>
        <p>
          For <b>{email}</b>. 12 to 128 characters; a few unrelated words work well.
        </p>
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="username" value={email} autocomplete="username" />
        <div class="field">
          <label for="name">Your name</label>
          <input class="in" id="name" name="name" autocomplete="name" maxlength={255} value={name} />
        </div>
        <div class="field">
          <label for="password">New password</label>
          <input
            class="in"
            id="password"
            name="password"
            type="password"
            autocomplete="new-password"
            minlength={12}
            maxlength={128}
            required
            {...(fault !== null && { 'aria-describedby': 'fault' })}
          />
        </div>
        <button class="btn primary" type="submit">
          Set the password
        </button>
      </Gate>
    ),
  })
}

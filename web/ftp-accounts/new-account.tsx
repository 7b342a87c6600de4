import { Choice, Err, FaultSummary, faultOf, TextField } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Card } from '../ui/components/parts.tsx'
import type { FtpAccountsView } from './view.ts'

export function AccountForm({ view: { team, refused } }: { view: FtpAccountsView }) {
  const form = refused?.form ?? {}
  const faults = refused?.faults ?? []
  const addresses = faultOf(faults, 'allowedAddresses')
  return (
    <Card id="new" title="New account">
      <Form class="card-b stack" action={`/teams/${team.team}/ftp-accounts`}>
        <FaultSummary faults={faults} />
        <div class="grid2">
          <TextField
            name="username"
            label="User name"
            value={form.username ?? ''}
            faults={faults}
            mono
            autocomplete="off"
            hint="Letters, digits, dot, dash and underscore. Unique on this server."
          />
          <Choice
            name="permissions"
            legend="Permissions"
            value={form.permissions ?? 'upload'}
            options={[
              { value: 'upload', label: 'Upload only', small: 'Can also rename or delete its own uploads.' },
              { value: 'full', label: 'Full access', small: 'Can also download and remove any file of the team.' },
            ]}
          />
        </div>
        <div class="grid2">
          <div class="field">
            <label for="allowedAddresses">
              Allowed addresses<span class="opt"> optional</span>
            </label>
            <textarea
              class="in mono"
              id="allowedAddresses"
              name="allowedAddresses"
              rows={2}
              aria-describedby="allowedAddresses-hint"
              {...(addresses && { 'aria-invalid': 'true' as const })}
            >
              {form.allowedAddresses ?? ''}
            </textarea>
            <p class="hint" id="allowedAddresses-hint">
              One address or range per line, such as 10.20.4.0/24. Empty: any address.
            </p>
            <Err id="allowedAddresses" fault={addresses} />
          </div>
          <div class="field">
            <label for="publicKeys">
              SSH public keys<span class="opt"> optional, for SFTP</span>
            </label>
            <textarea class="in mono" id="publicKeys" name="publicKeys" rows={2} aria-describedby="publicKeys-hint">
              {form.publicKeys ?? ''}
            </textarea>
            <p class="hint" id="publicKeys-hint">
              One per line, such as ssh-ed25519 AAAA… A password is always generated and shown once.
            </p>
            <Err id="publicKeys" fault={faultOf(faults, 'publicKeys')} />
          </div>
        </div>
        <div class="row">
          <button class="btn" type="submit">
            Create account
          </button>
        </div>
      </Form>
    </Card>
  )
}

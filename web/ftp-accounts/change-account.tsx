import type { FtpAccount } from '../../store/ftp-accounts.ts'
import { Err, FaultSummary, idOf } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import type { FtpAccountsView } from './view.ts'

/** Allowed addresses and SSH keys of an account. */
export function AccountChange({
  account,
  team,
  refused,
}: {
  account: FtpAccount
  team: string
  refused: FtpAccountsView['refusedChange']
}) {
  const { username } = account
  const id = (field: string) => `${field}-${idOf(username)}`
  const form = refused?.form ?? {
    allowedAddresses: account.allowedAddresses.join('\n'),
    publicKeys: account.publicKeys.join('\n'),
  }
  const faults = (refused?.faults ?? []).map(({ path, message }) => ({ path: id(path.split('.')[0] ?? ''), message }))
  const lines = (field: keyof typeof form, label: string) => {
    const fault = faults.find(({ path }) => path === id(field))
    return (
      <div class="field">
        <label for={id(field)}>
          {label}
          <span class="vh"> of {username}</span>
          <span class="opt"> one per line</span>
        </label>
        <textarea
          class="in mono"
          id={id(field)}
          name={field}
          rows={2}
          {...(fault && { 'aria-invalid': 'true' as const, 'aria-describedby': `${id(field)}-err` })}
        >
          {form[field]}
        </textarea>
        <Err id={id(field)} fault={fault} />
      </div>
    )
  }
  return (
    <Form class="stack-2 edit" action={`/teams/${team}/ftp-accounts/${username}/change`}>
      <FaultSummary faults={faults} />
      {lines('allowedAddresses', 'Allowed addresses')}
      {lines('publicKeys', 'SSH public keys')}
      <div class="row">
        <button class="btn sm" type="submit">
          Save<span class="vh"> addresses and keys of {username}</span>
        </button>
      </div>
    </Form>
  )
}

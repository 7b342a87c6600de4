import type { Team } from '../../model/team.ts'
import type { FtpAccount } from '../../store/ftp-accounts.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { linkTo, Pager } from '../ui/components/pager.tsx'
import { Badge, Card, Empty, Head } from '../ui/components/parts.tsx'
import { SearchForm } from '../ui/components/search-form.tsx'
import { ServerCard } from '../ui/components/server-card.tsx'
import { Time } from '../ui/components/time.tsx'
import { counted } from '../ui/format.ts'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import { AccountChange } from './change-account.tsx'
import { Instructions } from './connection-instructions.tsx'
import { AccountForm } from './new-account.tsx'
import type { FtpAccountsView } from './view.ts'

export function ftpAccountsPage(frame: Frame, view: FtpAccountsView) {
  const { team, accounts, made } = view
  const path = `/teams/${team.team}/ftp-accounts`
  const isLong = view.next !== null || view.after !== null || view.search !== ''
  return shell({
    title: 'FTP accounts',
    frame,
    here: 'ftp-accounts',
    children: (
      <>
        <Head
          crumbs={[{ label: team.name, href: `/teams/${team.team}/imports` }, { label: 'FTP Integration' }]}
          title="FTP accounts"
          sub="Who may upload files for this team. Each account sees only the folders of this team."
          acts={
            <a class="btn primary" href="#new">
              <Icon name="plus" />
              New account
            </a>
          }
        />
        {made && <Password made={made} team={team.team} />}
        {isLong && (
          <SearchForm path={path} label="User name" placeholder="Part of the user name" search={view.search} />
        )}
        <Card
          id="accounts"
          title="Accounts"
          aside={!isLong && <span class="small">{counted(accounts.length, 'account')}</span>}
        >
          {accounts.length > 0 ? (
            <Accounts view={view} now={frame.now} />
          ) : isLong ? (
            <Empty
              icon="search"
              title={`No account matches “${view.search}”`}
              acts={
                <a class="btn sm" href={path}>
                  Show all accounts
                </a>
              }
            >
              Search finds a part of the user name.
            </Empty>
          ) : (
            <Empty icon="key" title="No account yet">
              The student information system signs in with an account. Its password is generated here and shown once.
            </Empty>
          )}
          {isLong && (
            <Pager
              first={
                view.after === null ? null : { href: linkTo(path, { search: view.search }), title: 'First accounts' }
              }
              on={
                view.next === null
                  ? null
                  : { href: linkTo(path, { search: view.search, after: view.next }), title: 'Next accounts' }
              }
            >
              {counted(accounts.length, 'account')} on this page
            </Pager>
          )}
        </Card>
        <AccountForm view={view} />
        <div class="split">
          <Instructions view={view} />
          <ServerCard server={view.server} now={frame.now} />
        </div>
      </>
    ),
  })
}

function Password({ made, team }: { made: { username: string; password: string }; team: string }) {
  return (
    <section class="note warn" aria-label="New password" tabindex={-1} data-focus>
      <Icon name="key" />
      <div class="grow stack-2">
        <div>
          <b>Password of {made.username}.</b> It is shown only once. Copy it now; only a hash is stored.
        </div>
        <div class="secret">
          <code id="password">{made.password}</code>
          <button class="btn only-js" type="button" data-copy="password">
            <Icon name="copy" />
            <span data-label>Copy</span>
          </button>
          <a class="btn quiet" href={`/teams/${team}/ftp-accounts`}>
            I have copied it
          </a>
        </div>
      </div>
    </section>
  )
}

function Accounts({ view: { team, accounts, lastUploads, refusedChange }, now }: { view: FtpAccountsView; now: Date }) {
  return (
    <div class="tw">
      <table class="tbl cards">
        <thead>
          <tr>
            <th>User name</th>
            <th>State</th>
            <th>Signs in with</th>
            <th>Permissions</th>
            <th>Allowed addresses</th>
            <th>Last login</th>
            <th>Last upload</th>
            <th>
              <span class="vh">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => (
            <AccountLine
              account={account}
              last={lastUploads.get(account.username) ?? null}
              team={team}
              now={now}
              refused={refusedChange?.username === account.username ? refusedChange : null}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function AccountLine({
  account,
  last,
  team,
  now,
  refused,
}: {
  account: FtpAccount
  last: { at: Date } | null
  team: Team
  now: Date
  refused: FtpAccountsView['refusedChange']
}) {
  const { username, enabled, publicKeys, allowedAddresses, permissions, lastLoginAt, lastLoginAddress } = account
  const zone = { timeZone: team.timeZone, now }
  const press = (act: string, title: string, danger = false) => (
    <Form action={`/teams/${team.team}/ftp-accounts/${username}/${act}`}>
      <button class={danger ? 'btn sm danger' : 'btn sm'} type="submit">
        {title}
        <span class="vh"> {username}</span>
      </button>
    </Form>
  )
  return (
    <tr>
      <th scope="row">
        <span class="mono">{username}</span>
      </th>
      <td class="end">
        {!enabled ? (
          <Badge tone="bad" icon="ban">
            Switched off
          </Badge>
        ) : lastLoginAt === null ? (
          <Badge tone="plain" icon="minus">
            Never used
          </Badge>
        ) : (
          <Badge tone="ok" icon="check">
            In use
          </Badge>
        )}
      </td>
      <td data-l="Signs in with" class="soft">
        Password{publicKeys.length > 0 && `, ${counted(publicKeys.length, 'SSH key')}`}
      </td>
      <td data-l="Permissions" class="soft">
        {permissions === 'full' ? 'full access' : 'upload only'}
      </td>
      <td data-l="Allowed addresses">
        {allowedAddresses.length === 0 ? (
          <span class="t-warn">any</span>
        ) : (
          <span class="mono">{allowedAddresses.join(', ')}</span>
        )}
      </td>
      <td data-l="Last login" class="nowrap">
        {lastLoginAt ? (
          <>
            <Time at={lastLoginAt} {...zone} />
            {lastLoginAddress && <span class="block xs muted mono">{lastLoginAddress}</span>}
          </>
        ) : (
          <span class="muted">never</span>
        )}
      </td>
      <td data-l="Last upload" class="nowrap">
        {last ? <Time at={last.at} {...zone} /> : <span class="muted">never</span>}
      </td>
      <td class="num">
        <details class="more" open={refused !== null}>
          <summary class="btn sm">
            Edit<span class="vh"> {username}</span>
          </summary>
          <div class="row acts">
            {press('password', 'New password')}
            {enabled ? press('off', 'Switch off') : press('on', 'Switch on')}
            {permissions === 'full' ? press('upload', 'Allow uploads only') : press('full', 'Allow full access')}
            {press('remove', 'Remove', true)}
          </div>
          <AccountChange account={account} team={team.team} refused={refused} />
        </details>
      </td>
    </tr>
  )
}

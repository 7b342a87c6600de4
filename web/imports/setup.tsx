import type { Child } from 'hono/jsx'
import type { Team } from '../../model/team.ts'
import { Icon } from '../ui/components/icon.tsx'
import { Card } from '../ui/components/parts.tsx'
import type { Zone } from '../ui/components/runs-table.tsx'
import { momentWithin } from '../ui/format.ts'
import type { SetupSteps } from './view.ts'

export function Setup({ steps, team, zone }: { steps: SetupSteps; team: Team; zone: Zone }) {
  const { account, file, mapped, windows } = steps
  const base = `/teams/${team.team}`
  const list: { done: boolean; title: string; text: Child; act: Child }[] = [
    {
      done: account !== null,
      title: 'Create an FTP account',
      text: account ? (
        <>
          <span class="mono">{account.username}</span>, created{' '}
          {momentWithin(account.createdAt, zone.timeZone, zone.now)}
        </>
      ) : (
        'The student information system signs in with it'
      ),
      act: (
        <a class="small" href={`${base}/ftp-accounts`}>
          {account ? 'See' : 'Create one'}
        </a>
      ),
    },
    {
      done: account?.lastLoginAt != null,
      title: 'Hand the connection instructions to the SIS administrator',
      text: account?.lastLoginAt
        ? `First used ${momentWithin(account.lastLoginAt, zone.timeZone, zone.now)} or earlier`
        : account
          ? `Waiting for ${account.username}: it has not logged in yet`
          : 'Server, folder, file name and certificate; no password',
      act: (
        <a class="small" href={`${base}/ftp-accounts#instructions`}>
          See
        </a>
      ),
    },
    {
      done: file !== null,
      title: 'Upload a first file',
      text: file ? (
        <span class="mono">{file.name}</span>
      ) : (
        'You map fields from its header, or type the column names yourself'
      ),
      act: null,
    },
    {
      done: mapped,
      title: 'Map the columns',
      text: 'Four required fields, Staff ID, opt-out and up to 25 of your own',
      act: (
        <a class="small" href={`${base}/configure#map`}>
          Configure Imports
        </a>
      ),
    },
    {
      done: windows,
      title: 'Choose the windows',
      text: 'All windows are off until you turn one on; Run Import works at any time',
      act: (
        <a class="small" href={`${base}/configure#schedule`}>
          Schedule
        </a>
      ),
    },
  ]
  return (
    <Card
      id="setup"
      title={`Set up imports for ${team.name}`}
      aside={<span class="small">{list.filter(({ done }) => done).length} of 5 done</span>}
    >
      <div class="card-b">
        <ol class="log">
          {list.map(({ done, title, text, act }, index) => (
            <li>
              <span class={done ? 'ic' : 'ic idle'}>
                {done ? <Icon name="check" /> : <b class="xs">{index + 1}</b>}
                <span class="vh">{done ? 'Done: ' : 'To do: '}</span>
              </span>
              <div>
                <b>{title}</b>
                <p>{text}</p>
              </div>
              <span>{act}</span>
            </li>
          ))}
        </ol>
      </div>
      <footer>Run Import and Manual Import are available once the four required fields are mapped.</footer>
    </Card>
  )
}

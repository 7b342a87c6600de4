import type { Team } from '../../model/team.ts'
import type { AuditEntry } from '../../store/audit.ts'
import { Icon, type IconName } from '../ui/components/icon.tsx'
import { clock, counted } from '../ui/format.ts'

/** Of one event; a page has 100 of these. */
const MOST_CHANGES = 50

/** One event, in words. */
export function EntryLine({ entry, team, runs }: { entry: AuditEntry; team: Team; runs: ReadonlyMap<string, number> }) {
  const at = new Date(entry.at)
  const { icon, words } = said(entry)
  const run = runOf(entry)
  const number = run === null ? undefined : runs.get(run)
  const all = Object.entries(entry.details).filter(([, value]) => isChange(value))
  const changes = all.slice(0, MOST_CHANGES)
  const further = all.length - changes.length + Number(entry.details.furtherChanges ?? 0)
  return (
    <tr>
      <td class="nowrap soft" data-who={entry.actor}>
        <time datetime={entry.at} title={`${entry.at.slice(0, 19).replace('T', ' ')} UTC`}>
          {clock(at, team.timeZone, true)}
        </time>
      </td>
      <td>
        <span class="row top event">
          <span class="soft">
            <Icon name={icon} />
          </span>
          <span class="grow wrap">
            {words}{' '}
            {run !== null ? (
              <a href={`/teams/${team.team}/runs/${run}`}>{number === undefined ? 'see the run' : `run #${number}`}</a>
            ) : (
              <Subject entry={entry} team={team} />
            )}
            {changes.length > 0 && (
              <details class="more">
                <summary>{counted(changes.length + further, 'change')}</summary>
                <ul class="xs soft">
                  {changes.map(([path, value]) => (
                    <li>
                      <code>{path}</code>: {text((value as Change).from)} → {text((value as Change).to)}
                    </li>
                  ))}
                  {further > 0 && <li>and {counted(further, 'more change')}</li>}
                </ul>
              </details>
            )}
          </span>
        </span>
      </td>
      <td data-l="By" class="soft nowrap">
        {entry.actor}
      </td>
      <td data-l="From" class="soft nowrap">
        <span class="mono">{entry.address}</span>
      </td>
    </tr>
  )
}

/** What it was done to: a link where there is a page about it. */
function Subject({ entry: { action, subject }, team }: { entry: AuditEntry; team: Team }) {
  if (subject === null) return null
  const base = `/teams/${team.team}`
  if (BATCH_ACTS.test(action)) return <a href={`${base}/batches/${encodeURIComponent(subject)}`}>see the run</a>
  if (action === 'contact.opt-out') return <a href={`${base}/contacts/${encodeURIComponent(subject)}`}>{subject}</a>
  return <code>{subject}</code>
}

/** Their subject is a batch, which has a page of its run. */
const BATCH_ACTS = /^(?:batch\.|recap\.)/

/** The id of the run that an event is about. */
export function runOf({ action, subject, details }: AuditEntry): string | null {
  if (action.startsWith('run.')) return subject
  return typeof details.runId === 'string' ? details.runId : null
}

interface Change {
  from: unknown
  to: unknown
}

function isChange(value: unknown): value is Change {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value
}

/** A value in words: the values of an object one after the other, such as a name and an address. */
export function text(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value !== 'object') return String(value)
  const parts = Array.isArray(value)
    ? value.map(text)
    : Object.entries(value).map(([name, part]) => (typeof part === 'string' ? text(part) : `${name} ${text(part)}`))
  return parts.length === 0 ? 'none' : parts.join(', ')
}

const WORDS: Record<string, { icon: IconName; words: string }> = {
  'import-settings.save': { icon: 'config', words: 'Changed Configure Imports to' },
  'run.start': { icon: 'play', words: 'Pressed Run Import:' },
  'run.start-manual': { icon: 'upload', words: 'Manual Import:' },
  'run.abort': { icon: 'stop', words: 'Stopped a run:' },
  'batch.approve': { icon: 'check', words: 'Approved a held file:' },
  'batch.map-and-import': { icon: 'check', words: 'Mapped a column and imported the rejected file:' },
  'batch.discard': { icon: 'trash', words: 'Discarded a held file:' },
  'batch.undo': { icon: 'undo', words: 'Undid an import:' },
  'file.import': { icon: 'play', words: 'Imported anyway:' },
  'recap.repeat': { icon: 'mail', words: 'Sent a recap again:' },
  'email.test': { icon: 'mail', words: 'Sent a test e-mail' },
  'ftp.login': { icon: 'key', words: 'Logged in' },
  'ftp.login-failed': { icon: 'ban', words: 'Login refused' },
  'ftp.ban': { icon: 'ban', words: 'Locked out after too many refused logins' },
  'ftp.upload': { icon: 'upload', words: 'Uploaded' },
  'ftp.upload-incomplete': { icon: 'warn', words: 'Upload interrupted:' },
  'ftp.upload-refused': { icon: 'warn', words: 'No room for the upload of' },
  'ftp.rename': { icon: 'file', words: 'Renamed' },
  'ftp.delete': { icon: 'trash', words: 'Deleted' },
  'session.start': { icon: 'user', words: 'Signed in' },
  'session.end': { icon: 'user', words: 'Signed out' },
  'team.create': { icon: 'plus', words: 'Created the team' },
  'team.change': { icon: 'config', words: 'Changed the team' },
  'team-users.save': { icon: 'user', words: 'Saved the team users' },
  'ftp-account.create': { icon: 'key', words: 'Created the FTP account' },
  'ftp-account.change': { icon: 'key', words: 'Changed the FTP account' },
  'ftp-account.delete': { icon: 'trash', words: 'Removed the FTP account' },
  'ftp-account.new-password': { icon: 'key', words: 'Generated a new password for the FTP account' },
  'contact.opt-out': { icon: 'ban', words: 'Set the texting preference of contact' },
  'webhook.test': { icon: 'config', words: 'Tested the webhook' },
  'team.delete': { icon: 'trash', words: 'Deleted the team' },
  'contacts.download': { icon: 'dl', words: 'Downloaded the contacts' },
}

const ICONS: Record<string, IconName> = {
  upload: 'upload',
  file: 'file',
  ftp: 'key',
  batch: 'imports',
  person: 'user',
  token: 'key',
}

/** An action without a sentence of its own is shown by its name. */
function said({ action }: AuditEntry): { icon: IconName; words: string } {
  return (
    WORDS[action] ?? {
      icon: ICONS[action.split('.')[0] as string] ?? 'activity',
      words: action.replace(/[.-]/g, ' ').replace(/^./, (letter) => letter.toUpperCase()),
    }
  )
}

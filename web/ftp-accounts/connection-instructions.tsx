import { DAILY_WINDOWS, WINDOW_NAMES } from '../../model/daily-windows.ts'
import { DAY_MS } from '../../model/time.ts'
import type { ServerFacts } from '../parts.ts'
import { Icon } from '../ui/components/icon.tsx'
import { Card } from '../ui/components/parts.tsx'
import { counted, day, zoneTitle } from '../ui/format.ts'
import type { FtpAccountsView } from './ftp-accounts.tsx'

export function Instructions({ view }: { view: FtpAccountsView }) {
  const { server } = view
  return (
    <Card
      id="instructions"
      title="Connection instructions"
      aside={
        <button class="btn sm only-js" type="button" data-copy="sheet">
          <Icon name="copy" />
          <span data-label>Copy as text</span>
        </button>
      }
    >
      <div class="card-b stack">
        <p class="small soft">
          Hand this to the administrator of the student information system. It holds no password.
        </p>
        <section class="sheet" tabindex={0} aria-label="Instructions as text" id="sheet">
          {instructionsText(view)}
        </section>
      </div>
      <footer>
        {server.ftp?.tls === 'required' && 'Plain FTP without TLS is refused. '}
        Uploading under a temporary name and renaming is fine, but not needed: a file is left alone until its upload
        ends.
      </footer>
    </Card>
  )
}

/** For a person at the other end, line by line. */
export function instructionsText({
  server,
  settings,
  accounts,
  team,
}: Pick<FtpAccountsView, 'server' | 'settings' | 'accounts' | 'team'>): string {
  const { file, schedule } = settings
  const hours = WINDOW_NAMES.filter((name) => schedule[name]).map((name) => DAILY_WINDOWS[name].hours.split('-')[0])
  const starts = WINDOW_NAMES.filter((name) => schedule[name]).map((name, index) =>
    DAILY_WINDOWS[name].hours.includes('AM-') ? hours[index] : `${hours[index]} ${DAILY_WINDOWS[name].hours.slice(-2)}`,
  )
  const lines: [string, string][] = [
    ['Server', server.host],
    ...protocols(server),
    ['Passive ports', `${server.passivePorts.first} to ${server.passivePorts.last}`],
    ['User', accounts.find(({ enabled }) => enabled)?.username ?? '(no account yet)'],
    ['Password', 'sent to you separately'],
    ['Upload to', file.path],
    [
      'File name',
      file.namePrefix === '' ? 'any' : `begins with ${file.namePrefix}, for example ${file.namePrefix}.csv`,
    ],
    [
      'Format',
      `${file.delimiter} separated, with a header line${file.encoding === 'auto' ? ', UTF-8' : `, ${file.encoding.toUpperCase()}`}`,
    ],
    [
      'Before',
      starts.length > 0
        ? `${starts.join(', ')} ${zoneTitle(team.timeZone)}`
        : 'at any time; imports are started by hand',
    ],
    ...fingerprints(server),
  ]
  return lines.map(([title, text]) => `${title.padEnd(16)}${text}`).join('\n')
}

function protocols({ ftp, ftpsPort, sftpPort }: ServerFacts): [string, string][] {
  const lines: [string, string][] = []
  if (ftp) lines.push(['Protocol', `${ftp.tls === 'off' ? 'FTP' : 'FTP with explicit TLS'}, port ${ftp.port}`])
  if (ftpsPort !== null)
    lines.push([ftp ? '' : 'Protocol', `${ftp ? 'or ' : ''}FTP with implicit TLS, port ${ftpsPort}`])
  if (sftpPort !== null)
    lines.push([ftp || ftpsPort ? '' : 'Protocol', `${ftp || ftpsPort ? 'or ' : ''}SFTP, port ${sftpPort}`])
  return lines
}

/** Half a fingerprint a line: whole ones are wider than a letter. */
function fingerprints({ certificate, hostKeys }: ServerFacts): [string, string][] {
  const lines: [string, string][] = []
  if (certificate) {
    const bytes = certificate.fingerprint.split(':')
    lines.push(['TLS certificate', 'SHA-256'], ['', bytes.slice(0, 16).join(':')], ['', bytes.slice(16).join(':')])
  }
  for (const [index, key] of hostKeys.entries()) lines.push([index === 0 ? 'SSH host key' : 'or', key])
  return lines
}

/** What clients see of this server. */
export function ServerCard({ view: { server }, now }: { view: Pick<FtpAccountsView, 'server'>; now: Date }) {
  const { certificate, hostKeys, ftp } = server
  const left = certificate ? Math.floor((certificate.validUntil.getTime() - now.getTime()) / DAY_MS) : 0
  return (
    <Card id="server" title="This server">
      <div class="card-b">
        <dl class="kv" style="--kv:5.5rem">
          <dt>Address</dt>
          <dd>{server.host}</dd>
          {certificate && (
            <>
              <dt>Certificate</dt>
              <dd>
                {certificate.subject}
                <span class={left < 30 ? 'block t-warn' : 'block muted'}>
                  until {day(certificate.validUntil, 'UTC', now).replace(/^\w{3} (?=\w)/, '')}, {counted(left, 'day')}{' '}
                  left
                </span>
              </dd>
            </>
          )}
          <dt>TLS</dt>
          <dd>{ftp?.tls === 'off' ? 'off' : '1.2 and 1.3'}</dd>
          {hostKeys.length > 0 && (
            <>
              <dt>{hostKeys.length === 1 ? 'SSH host key' : 'SSH host keys'}</dt>
              <dd class="mono xs">
                {hostKeys.map((key) => (
                  <span class="block">{key}</span>
                ))}
              </dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}

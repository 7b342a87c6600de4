import { DAILY_WINDOWS, WINDOW_NAMES } from '../../model/daily-windows.ts'
import { Icon } from '../ui/components/icon.tsx'
import { Card } from '../ui/components/parts.tsx'
import { zoneTitle } from '../ui/format.ts'
import type { ServerFacts } from '../ui/server-facts.ts'
import type { FtpAccountsView } from './view.ts'

export function Instructions({ view }: { view: FtpAccountsView }) {
  const { server } = view
  return (
    <Card
      id="instructions"
      help="/help/sis-engineers#connect"
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
          Give this to the administrator of the student information system. It contains no password.
        </p>
        <section class="sheet" tabindex={0} aria-label="Instructions as text" id="sheet">
          {instructionsText(view)}
        </section>
      </div>
      <footer>
        {server.ftp?.tls === 'required' && 'Plain FTP without TLS is refused. '}
        Uploading under a temporary name and renaming is fine, but not needed: a file is not imported before its upload
        ends.
      </footer>
    </Card>
  )
}

/** Plain text for the SIS administrator. */
export function instructionsText({
  server,
  settings,
  username,
  team,
}: Pick<FtpAccountsView, 'server' | 'settings' | 'username' | 'team'>): string {
  const { file, schedule } = settings
  const hours = WINDOW_NAMES.filter((name) => schedule[name]).map((name) => DAILY_WINDOWS[name].hours.split('-')[0])
  const starts = WINDOW_NAMES.filter((name) => schedule[name]).map((name, index) =>
    DAILY_WINDOWS[name].hours.includes('AM-') ? hours[index] : `${hours[index]} ${DAILY_WINDOWS[name].hours.slice(-2)}`,
  )
  const lines: [string, string][] = [
    ['Server', server.host],
    ...protocols(server),
    ['Passive ports', `${server.passivePorts.first} to ${server.passivePorts.last}`],
    ['User name', username ?? '(no account yet)'],
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
      starts.length > 0 ? `${starts.join(', ')} ${zoneTitle(team.timeZone)}` : 'any time; imports are started manually',
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

/** Two lines per fingerprint, which is too wide for one line of paper. */
function fingerprints({ hostKeys, ...server }: ServerFacts): [string, string][] {
  const certificate = server.certificate()
  const lines: [string, string][] = []
  if (certificate) {
    const bytes = certificate.fingerprint.split(':')
    lines.push(['TLS certificate', 'SHA-256'], ['', bytes.slice(0, 16).join(':')], ['', bytes.slice(16).join(':')])
  }
  for (const [index, key] of hostKeys.entries()) lines.push([index === 0 ? 'SSH host key' : 'or', key])
  return lines
}

import { Choice } from '../ui/components/fields.tsx'
import { Form } from '../ui/components/form.tsx'
import { Card, Head } from '../ui/components/parts.tsx'
import { ServerCard } from '../ui/components/server-card.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { SettingsView } from './view.ts'

/** Server settings: those that can be changed here, and those set by the environment. */
export function settingsPage(frame: Frame, { server, secondFactor }: SettingsView) {
  const { ftp, ftpsPort, sftpPort, mail } = server
  return shell({
    title: 'Settings',
    frame,
    here: '/settings',
    children: (
      <>
        <Head
          title="Settings"
          sub="Settings of this server. Ports, certificates and the mail server come from the environment and are read at the start."
        />
        <Card id="second-factor" title="Second factor">
          <Form class="card-b stack" action="/settings">
            <Choice
              name="secondFactor"
              legend="Code from an authenticator app at each sign-in"
              value={secondFactor}
              options={[
                { value: 'optional', label: 'Optional' },
                { value: 'required', label: 'Required', small: 'People without it set it up at the next sign-in.' },
              ]}
            />
            <div class="row">
              <button class="btn primary" type="submit">
                Save
              </button>
            </div>
          </Form>
        </Card>
        <div class="split">
          <div class="stack sections">
            <Card id="endpoints" title="Connection details">
              <div class="card-b">
                <dl class="kv">
                  <dt>FTP</dt>
                  <dd>{ftp ? `port ${ftp.port}, TLS ${ftp.tls} (FTP_PORT, FTP_TLS)` : 'off'}</dd>
                  <dt>FTP, implicit TLS</dt>
                  <dd>{ftpsPort === null ? 'off (FTPS_PORT)' : `port ${ftpsPort}`}</dd>
                  <dt>SFTP</dt>
                  <dd>{sftpPort === null ? 'off (SFTP_PORT)' : `port ${sftpPort}`}</dd>
                  <dt>Passive ports</dt>
                  <dd>
                    {server.passivePorts.first} to {server.passivePorts.last} (FTP_PASSIVE_PORTS)
                  </dd>
                </dl>
              </div>
            </Card>
            <Card id="mail" title="Mail">
              <div class="card-b">
                <dl class="kv">
                  <dt>Sent by</dt>
                  <dd>
                    {mail.via === 'smtp'
                      ? 'the mail server of SMTP_URL'
                      : 'not sent: SMTP_URL is not set, so e-mails are written to DATA_DIR/outbox'}
                  </dd>
                  <dt>From</dt>
                  <dd>{mail.from}</dd>
                </dl>
              </div>
            </Card>
          </div>
          <ServerCard server={server} now={frame.now} />
        </div>
      </>
    ),
  })
}

import { counted, day } from '../format.ts'
import type { ServerFacts } from '../server-facts.ts'
import { Card } from './parts.tsx'

const DAY_MS = 24 * 60 * 60 * 1000

/** Address, certificate and host keys, to compare with what a client shows. */
export function ServerCard({ server, now }: { server: ServerFacts; now: Date }) {
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

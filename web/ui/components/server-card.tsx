import { localDate } from '../../../model/daily-windows.ts'
import { DAY_MS } from '../../../model/time.ts'
import { clock, counted } from '../format.ts'
import type { ServerFacts } from '../server-facts.ts'
import { Card } from './parts.tsx'

/** `until Jun 30, 2027, 212 days left` */
export function validity(validUntil: Date, now: Date): string {
  const days = daysLeft(validUntil, now)
  if (validUntil <= now) return `expired on ${dateInFull(validUntil)}`
  if (days === 0) return `expires today, ${clock(validUntil, 'UTC')} UTC`
  if (days === 1) return `expires tomorrow, ${clock(validUntil, 'UTC')} UTC`
  return `until ${dateInFull(validUntil)}, ${counted(days, 'day')} left`
}

/** By the calendar: tomorrow is one day away. */
function daysLeft(validUntil: Date, now: Date): number {
  return (Date.parse(localDate(validUntil, 'UTC')) - Date.parse(localDate(now, 'UTC'))) / DAY_MS
}

function dateInFull(instant: Date): string {
  return new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'medium' }).format(instant)
}

/** Address, certificate and host keys, to compare with what a client shows. */
export function ServerCard({ server, now }: { server: ServerFacts; now: Date }) {
  const { hostKeys, ftp, passiveAddress } = server
  const certificate = server.certificate()
  const address = passiveAddress?.current()
  return (
    <Card id="server" title="This server">
      <div class="card-b">
        <dl class="kv mid">
          <dt>Address</dt>
          <dd>{server.host}</dd>
          {passiveAddress && passiveAddress.host !== address && (
            <>
              <dt>Passive</dt>
              <dd>
                {passiveAddress.host}
                <span class={address ? 'block muted' : 'block t-warn'}>
                  {address ?? 'This name cannot be looked up (FTP_PASSIVE_HOST).'}
                </span>
              </dd>
            </>
          )}
          {certificate && (
            <>
              <dt>Certificate</dt>
              <dd>
                {certificate.subject}
                <span class={daysLeft(certificate.validUntil, now) < 30 ? 'block t-warn' : 'block muted'}>
                  {validity(certificate.validUntil, now)}
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

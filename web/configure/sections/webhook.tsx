import { counted } from '../../../model/wording/figure.ts'
import type { WebhookDeliveries } from '../../../store/webhook-deliveries.ts'
import { TextField } from '../../ui/components/fields.tsx'
import { Card } from '../../ui/components/parts.tsx'
import { momentWithin } from '../../ui/format.ts'
import type { ConfigureView } from '../view.ts'
import type { WebhookTest } from '../webhook-api.ts'

export function Webhook({ view }: { view: ConfigureView }) {
  const { draft, saved, faults, webhookTest, deliveries } = view
  return (
    <Card
      id="webhook"
      help="/help/administrators#webhook"
      title="Webhook"
      wideTitle={false}
      aside={<span class="small grow">Tells a program what became of each file</span>}
    >
      <div class="card-b stack">
        <TextField
          name="webhook.url"
          label="Address"
          value={draft.texts['webhook.url']}
          faults={faults}
          optional
          hint="Begins with https://. Leave empty to send nothing."
        />
        <TextField
          name="webhook.secret"
          label="Secret"
          type="password"
          autocomplete="new-password"
          value=""
          faults={faults}
          optional
          hint={
            saved.webhook
              ? 'A secret is stored and never shown. Leave this empty to keep it. A new one replaces it; for 24 hours both sign.'
              : 'Your program verifies the signature with it. Make one with: openssl rand -base64 32'
          }
        />
        <div class="row">
          <button class="btn sm" type="submit" form="test-webhook" disabled={saved.webhook === null}>
            Send a test
          </button>
          <span class="small soft">
            {saved.webhook ? 'To the saved address. Save changes first.' : 'No address saved yet.'}
          </span>
        </div>
        {deliveries && <Deliveries deliveries={deliveries} view={view} />}
        {webhookTest && <Answer test={webhookTest} />}
      </div>
    </Card>
  )
}

function Deliveries({
  deliveries: { waiting, lastSentAt, trouble, givenUp },
  view: { team, now },
}: {
  deliveries: WebhookDeliveries
  view: ConfigureView
}) {
  const at = (instant: Date) => momentWithin(instant, team.timeZone, now)
  const wait = `${counted(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'}`
  return (
    <p class={`small ${trouble || givenUp > 0 ? 't-warn' : 'soft'}`}>
      {lastSentAt ? `The last event arrived ${at(lastSentAt)}.` : 'No event has arrived yet.'}
      {trouble
        ? ` ${wait}: ${trouble.reason.replace(/\.?$/, '.')} The next try is ${at(trouble.nextTryAt)}.`
        : waiting > 0 && ` ${wait}.`}
      {givenUp > 0 && ` ${counted(givenUp, 'event')} ${givenUp === 1 ? 'was' : 'were'} given up after three days.`}
    </p>
  )
}

function Answer({ test: { delivered, status, ms, text } }: { test: WebhookTest }) {
  return (
    <p class={`small ${delivered ? '' : 't-warn'}`} role="status" tabindex={-1} data-focus>
      {delivered ? 'The test has arrived' : 'The test has not arrived'}
      {status !== null && `: status ${status} after ${ms} ms`}.{' '}
      {text !== '' && (status === null ? text : <code>{text}</code>)}
    </p>
  )
}

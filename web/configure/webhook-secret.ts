import { seal } from '../../files/sealed.ts'
import { signingKeys } from '../../ingest/telling/webhook-out.ts'
import type { ImportSettingsBody } from '../../model/import-settings.ts'
import { keyOfSecret } from '../../model/webhook.ts'
import type { Database } from '../../store/postgres/database.ts'
import { dropWebhookSecret, setWebhookSecret } from '../../store/webhook-secrets.ts'
import { Refusal } from '../http/refusal.ts'

/** Seals a secret that was sent with the settings; without one the stored one stays. True where it is another than before. */
export async function saveWebhookSecret(
  tx: Database,
  secret: Buffer,
  teamId: number,
  { webhook }: ImportSettingsBody,
): Promise<boolean> {
  if (webhook === null) {
    await dropWebhookSecret(tx, teamId)
    return false
  }
  const [current] = (await signingKeys(tx, secret, teamId)) ?? []
  const key = webhook.secret === undefined ? null : keyOfSecret(webhook.secret)
  if (key === null) {
    if (current) return false
    throw new Refusal('invalid', 'Enter a secret for the webhook: none is stored.', {
      faults: [{ path: 'webhook.secret', message: 'Enter a secret: none is stored.' }],
    })
  }
  if (current?.equals(key)) return false
  await setWebhookSecret(tx, teamId, seal(secret, 'webhook', String(teamId), key))
  return true
}

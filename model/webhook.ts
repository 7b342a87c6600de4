import { z } from 'zod'
import { boundedText } from './limits/bounded-text.ts'

const MOST_CHARACTERS = 2_000
/** As Standard Webhooks asks. */
const [LEAST_BYTES, MOST_BYTES] = [24, 64]

const address = boundedText(MOST_CHARACTERS)
  .transform((text) => text.trim())
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'Enter an address that begins with https://.')
  .refine((text) => {
    const { username, password } = URL.parse(text) ?? {}
    return !username && !password
  }, 'Leave user and password out of the address: the signature shows who sends.')

const secret = boundedText(200)
  .refine(
    (text) => keyOfSecret(text) !== null,
    `Enter a secret of ${LEAST_BYTES} to ${MOST_BYTES} bytes in Base64, such as \`openssl rand -base64 32\` makes.`,
  )
  .meta({ writeOnly: true })

export const webhook = z.object({
  url: address.describe(
    'Address that events are sent to, `https://`. `http://` only in a network that the operator allows.',
  ),
  secret: secret
    .optional()
    .describe(
      'Key of the signature, 24 to 64 bytes in Base64, with or without `whsec_`. Never answered. Left out: the stored one stays. A new one: for 24 hours events bear the signatures of both.',
    ),
})

/** The bytes that sign; null for a text that is no secret. */
export function keyOfSecret(text: string): Buffer | null {
  const given = text.trim().replace(/^whsec_/, '')
  const bytes = Buffer.from(given, 'base64')
  const isBase64 = bytes.toString('base64').replace(/=+$/, '') === given.replace(/=+$/, '')
  return isBase64 && bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES ? bytes : null
}

export const WEBHOOK_EVENTS = [
  ...['batch.imported', 'batch.imported_with_errors', 'batch.rejected', 'batch.held', 'batch.failed', 'batch.aborted'],
  ...['batch.approved', 'batch.discarded', 'batch.undone', 'window.missed', 'window.empty', 'file.overdue', 'test'],
] as const

/** What a receiver answered. */
export interface WebhookAnswer {
  status: number
  ms: number
  /** The first bytes of its body. */
  text: string
}

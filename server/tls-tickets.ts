import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'

/** The part of Node's contexts that decides about each ticket; it has no public name. */
interface TicketCallback {
  enableTicketKeyCallback?: () => void
  onticketkeycallback?: (name: Buffer, iv: Buffer, issues: boolean) => unknown[]
}

/**
 * A context that resumes the sessions of another with the same `ticketKeys`, and issues no tickets itself. TLS 1.3 sends
 * them behind the handshake, where a client that only sends never reads them: when it closes, its system finds unread
 * bytes, resets the connection and throws away what is still on its way to us.
 */
export function ticketless(options: SecureContextOptions & { ticketKeys: Buffer }): SecureContext {
  const made = createSecureContext(options)
  const [name, hmac, aes] = [0, 16, 32].map((from) => options.ticketKeys.subarray(from, from + 16)) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  const context = made.context as TicketCallback
  context.enableTicketKeyCallback?.()
  // Answers whether the ticket is to be used, and with which keys.
  context.onticketkeycallback = (named, iv, issues) => {
    if (issues) return [0, hmac, aes, name, iv]
    return [named.equals(name) ? 1 : 0, hmac, aes]
  }
  return made
}

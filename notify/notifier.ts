/** A message to people, ready to be sent. */
export interface Message {
  /** The same on every try, so that a repeated delivery is recognised by the receiver. */
  readonly messageId: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly Attachment[]
}

export interface Attachment {
  readonly fileName: string
  readonly contentType: string
  readonly content: Buffer
}

/** The receiving server's answer for each address. */
export interface Delivery {
  readonly accepted: readonly string[]
  /** `final`: trying this address again is of no use. */
  readonly rejected: readonly { address: string; reason: string; final: boolean }[]
}

/** The server takes no message like this one, whoever it is for: often because of its size or its attachment. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused'
}

/** One way of telling people. */
export interface Notifier {
  /**
   * Resolves once the other side has said something of every address; rejects when it could not be asked, to be tried again,
   * and with `MessageRefused`.
   */
  send(message: Message): Promise<Delivery>
  /** Rejects where no message could be sent now. */
  check(): Promise<unknown>
  close(): void
}

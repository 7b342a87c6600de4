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

/** What the receiving server said, address by address. */
export interface Delivery {
  readonly accepted: readonly string[]
  readonly rejected: readonly { address: string; reason: string }[]
}

/** One way of telling people. */
export interface Notifier {
  /** Resolves once at least one address was accepted; rejects when none could be reached, to be tried again. */
  send(message: Message): Promise<Delivery>
  close(): void
}

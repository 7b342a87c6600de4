import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer, { type NodemailerError, type SendMailOptions } from 'nodemailer'
import { type Delivery, type Message, MessageRefused, type Notifier } from './notifier.ts'

/** How long a silent mail server is waited for; the message is tried again later. */
const PATIENCE_MS = 30_000

/** Sends through the mail server at `url`, e.g. `smtps://user:password@mail.example.edu`. */
export function smtpNotifier(url: string, from: string): Notifier {
  const options = {
    url,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
  const transport = nodemailer.createTransport(options)
  return {
    async send(message) {
      try {
        const sent = await transport.sendMail(envelope(message, from))
        return { accepted: sent.accepted.map(addressOf), rejected: (sent.rejectedErrors ?? []).map(refusal) }
      } catch (error) {
        // With every address refused nodemailer throws; each refusal is an answer all the same.
        const refused = (error as { rejectedErrors?: NodemailerError[] }).rejectedErrors
        if (!refused || refused.length === 0) throw refusedForGood(error as NodemailerError) ?? error
        return { accepted: [], rejected: refused.map(refusal) }
      }
    },
    check: () => transport.verify(),
    close: () => transport.close(),
  }
}

/** Writes each message as an `.eml` file, for installations without a mail server. */
export function folderNotifier(folder: string, from: string): Notifier {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    async send(message) {
      const { message: content } = await transport.sendMail(envelope(message, from))
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // The name begins with the time, so that the folder lists the messages in their order.
      const name = `${new Date().toISOString().replaceAll(':', '-')}_${randomUUID().slice(0, 8)}.eml`
      // One and the same for each try: a full disk must not be filled with what was begun.
      const begun = join(folder, `.${message.messageId.replaceAll(/[^\w-]/g, '_')}`)
      await writeFile(begun, content as Buffer, { mode: 0o600 })
      await rename(begun, join(folder, name))
      return { accepted: message.to, rejected: [] }
    },
    async check() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await access(folder, constants.W_OK)
    },
    close: () => {},
  }
}

/** The message as message/rfc822 bytes, as it would be sent. */
export async function renderMessage(message: Message, from: string): Promise<Buffer> {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const { message: content } = await transport.sendMail(envelope(message, from))
  return content as Buffer
}

function envelope(message: Message, from: string): SendMailOptions {
  return {
    from,
    // As objects, so that no address can be read as a list or a header.
    to: message.to.map((address) => ({ name: '', address })),
    messageId: message.messageId,
    subject: message.subject,
    text: message.text,
    html: message.html,
    headers: { ...message.headers, 'Auto-Submitted': 'auto-generated' },
    attachments: message.attachments.map(({ fileName, contentType, content }) => ({
      filename: fileName,
      contentType,
      content,
    })),
  }
}

/** A 5yz reply is final for its address (RFC 5321 section 4.2.1); any other may be tried again. */
function refusal(error: NodemailerError): Delivery['rejected'][number] {
  return {
    address: error.recipient ?? '',
    reason: error.response ?? error.message,
    final: error.responseCode !== undefined && error.responseCode >= 500,
  }
}

/** A 5yz reply to anything but the login, the size of the message among them. */
function refusedForGood({ responseCode, code, response, message }: NodemailerError): MessageRefused | null {
  const isFinal = responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH'
  return isFinal ? new MessageRefused(response ?? message) : null
}

function addressOf(accepted: string | { address: string }): string {
  return typeof accepted === 'string' ? accepted : accepted.address
}

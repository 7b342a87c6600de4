import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  to: string[]
  parsed: ParsedMail
}

/** A mail server on a free port that keeps what it is given. */
export interface Mailbox {
  url: string
  mails: ReceivedMail[]
  /** Resolves once the recap of this batch is there. */
  recapOf(batchId: string | undefined): Promise<ReceivedMail>
  stop(): Promise<void>
}

/** `refuse` answers an address with that SMTP code, `mostBytes` a larger message with 552. */
export async function startMailbox({
  refuse = {},
  mostBytes,
}: {
  refuse?: Record<string, number>
  mostBytes?: number
} = {}): Promise<Mailbox> {
  const mails: ReceivedMail[] = []
  const arrivals = new EventEmitter()
  const recap = (batchId: string | undefined) =>
    mails.find(({ parsed }) => parsed.headers.get('x-rosterport-batch') === batchId)
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, answer) {
      const code = refuse[address]
      if (code === undefined) return answer()
      answer(Object.assign(new Error('refused'), { responseCode: code }))
    },
    onData(stream, session, answer) {
      simpleParser(stream).then((parsed) => {
        if (mostBytes !== undefined && stream.byteLength > mostBytes)
          return answer(Object.assign(new Error('5.3.4 Message too big'), { responseCode: 552 }))
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), parsed })
        answer()
        arrivals.emit('mail')
      }, answer)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    async recapOf(batchId) {
      for (;;) {
        const found = recap(batchId)
        if (found) return found
        await once(arrivals, 'mail')
      }
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

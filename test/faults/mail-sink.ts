import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export type MailStage = 'connect' | 'from' | 'to' | 'data' | 'accepted'
/** What the mail server does at a stage, so many times. `lost`: it keeps the message, and its 250 never arrives. */
export interface MailFault {
  stage: MailStage
  how: 'cut' | 'defer' | 'slow' | 'lost'
  times: number
  /** Done in that moment. */
  kill?: () => void
}

/** A mail server that fails as it is told, and keeps what it took. */
export class MailSink {
  readonly mails: { to: string[]; parsed: ParsedMail }[] = []
  readonly refused = new Set<string>()
  readonly deferred = new Set<string>()
  fault: MailFault | null = null
  url = ''
  #server: SMTPServer | null = null

  #newServer(): SMTPServer {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onConnect: (session, answer) => this.#at('connect', session.id, answer),
      onMailFrom: (_address, session, answer) => this.#at('from', session.id, answer),
      onRcptTo: ({ address }, session, answer) => {
        if (this.refused.has(address)) answer(Object.assign(new Error('no such person'), { responseCode: 550 }))
        else if (this.deferred.has(address)) answer(Object.assign(new Error('later'), { responseCode: 451 }))
        else this.#at('to', session.id, answer)
      },
      onData: (stream, session, answer) => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        simpleParser(stream).then((parsed) => {
          const keep = () => void this.mails.push({ to, parsed })
          if (this.fault?.stage === 'accepted' && this.fault.how === 'lost') keep()
          this.#at('data', session.id, (error) => {
            if (error) return answer(error)
            this.#at('accepted', session.id, (problem) => {
              if (!problem) keep()
              answer(problem)
            })
          })
        }, answer)
      },
    })
    server.on('error', () => {})
    return server
  }

  async listen(port = 0): Promise<void> {
    const server = this.#newServer()
    this.#server = server
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    this.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()))
  }

  #at(stage: MailStage, sessionId: string, answer: (error?: Error | null) => void): void {
    const { fault } = this
    if (fault?.stage !== stage || fault.times <= 0) {
      answer()
      return
    }
    fault.times--
    fault.kill?.()
    if (fault.how === 'slow') setTimeout(answer, 1_500)
    else if (fault.how === 'defer') answer(Object.assign(new Error('try later'), { responseCode: 451 }))
    else this.#cut(sessionId)
  }

  #cut(sessionId: string): void {
    const connections = (this.#server as unknown as { connections: Set<{ id: string; _socket: Socket }> }).connections
    for (const connection of connections) if (connection.id === sessionId) connection._socket.destroy()
  }
}

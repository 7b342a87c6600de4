import type { Log } from '../../log.ts'

/** How often the outbox is checked for messages due for a retry. */
const LOOK_MS = 15_000

export interface OutboxWork<Message> {
  log: Log
  /** Messages at the same time: one that takes long holds up no other. */
  atOnce: number
  claim: () => Promise<Message | null>
  /** Sends and records what came of it. */
  send: (message: Message) => Promise<void>
}

/** Takes what is due from the outbox and sends it, several at a time; a message that comes meanwhile waits for none of them. */
export class OutboxWorkers<Message> {
  readonly #work: OutboxWork<Message>
  readonly #workers = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #again = false
  #stopped = false

  constructor(work: OutboxWork<Message>) {
    this.#work = work
  }

  open(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS)
    this.look()
  }

  /** There may be something to send. */
  look(): void {
    if (this.#stopped) return
    if (this.#workers.size >= this.#work.atOnce) {
      this.#again = true
      return
    }
    this.#again = false
    const worker = this.#sendInTurn()
      .catch((error) => this.#work.log.warn({ err: error }, 'looking at the outbox failed; trying again'))
      .finally(() => {
        this.#workers.delete(worker)
        if (this.#again) this.look()
      })
    this.#workers.add(worker)
  }

  /** Waits for the messages in progress. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await Promise.all(this.#workers)
  }

  async #sendInTurn(): Promise<void> {
    while (!this.#stopped) {
      const message = await this.#work.claim()
      if (message === null) return
      // Another takes the next one meanwhile.
      this.look()
      await this.#work.send(message)
    }
  }
}

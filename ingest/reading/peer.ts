import type { MessagePort, TransferListItem, Worker } from 'node:worker_threads'
import type { FileCode } from '../../model/codes.ts'
import { BatchProblem } from '../batch-problem.ts'
import { TooManySecondLooks } from './job.ts'

type Message =
  | { call: number; method: string; argument: unknown }
  | { answer: number; value: unknown }
  | { answer: number; fault: Fault }

/** Errors of our own lose their class on the way to another thread. */
type Fault =
  | { kind: 'problem'; code: FileCode; message: string }
  | { kind: 'second_looks' }
  | { kind: 'other'; error: unknown }

/** What the other side may call. */
export type Handlers = Record<string, (argument: never) => Promise<unknown>>

/** Calls between two threads, both ways. */
export class Peer {
  readonly #port: Pick<MessagePort | Worker, 'postMessage' | 'on'>
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  #calls = 0
  #ended: unknown = null

  constructor(port: Pick<MessagePort | Worker, 'postMessage' | 'on'>, handlers: Handlers) {
    this.#port = port
    port.on('message', (message: Message) => {
      if ('call' in message) void this.#answer(message, handlers)
      else {
        const waiting = this.#waiting.get(message.answer)
        this.#waiting.delete(message.answer)
        if ('fault' in message) waiting?.reject(errorOf(message.fault))
        else waiting?.resolve(message.value as never)
      }
    })
  }

  call<T>(method: string, argument: unknown = null): Promise<T> {
    if (this.#ended) return Promise.reject(this.#ended)
    const call = ++this.#calls
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject })
      this.#port.postMessage({ call, method, argument } satisfies Message, buffersOf(argument))
    })
  }

  /** Nothing will be answered any more: whoever waits is told `reason`. */
  end(reason: unknown): void {
    this.#ended = reason
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }

  async #answer({ call, method, argument }: Extract<Message, { call: number }>, handlers: Handlers): Promise<void> {
    let message: Message
    try {
      const value = await handlers[method]?.(argument as never)
      message = { answer: call, value }
      if (this.#ended) return
      this.#port.postMessage(message, buffersOf(value))
    } catch (error) {
      if (!this.#ended) this.#port.postMessage({ answer: call, fault: faultOf(error) } satisfies Message)
    }
  }
}

function faultOf(error: unknown): Fault {
  if (error instanceof BatchProblem) return { kind: 'problem', code: error.code, message: error.message }
  if (error instanceof TooManySecondLooks) return { kind: 'second_looks' }
  return { kind: 'other', error }
}

function errorOf(fault: Fault): unknown {
  if (fault.kind === 'problem') return new BatchProblem(fault.code, fault.message)
  return fault.kind === 'second_looks' ? new TooManySecondLooks() : fault.error
}

/** The buffers that can be handed over rather than copied: those that nothing else uses a part of. */
function buffersOf(value: unknown): TransferListItem[] {
  if (value instanceof Uint8Array)
    return value.byteLength > 0 && value.byteLength === value.buffer.byteLength ? [value.buffer as ArrayBuffer] : []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.values(value).flatMap(buffersOf)
}

import type { MessagePort, TransferListItem, Worker } from 'node:worker_threads'
import type { FileCode } from '../../model/codes.ts'
import { BatchProblem } from '../records/batch-problem.ts'
import { TooManySecondLooks } from './reading-job.ts'

type Message =
  | { call: number; method: string; argument: unknown }
  | { answer: number; value: unknown }
  | { answer: number; fault: Fault }

/** Errors of our own lose their class on the way to another thread. */
type Fault =
  | { kind: 'problem'; code: FileCode; message: string }
  | { kind: 'second_looks' }
  /** An error of the side that sends it, which keeps the error itself under this number. */
  | { kind: 'mine'; kept: number; error: unknown }
  /** An error that came from the other side and goes back to it. */
  | { kind: 'yours'; kept: number }

/** Functions that the other side may call. */
export type Handlers = Record<string, (argument: never) => Promise<unknown>>

/** Calls between two threads, both ways. */
export class ThreadCalls {
  readonly #port: Pick<MessagePort | Worker, 'postMessage' | 'on'>
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  #calls = 0
  #ended: unknown = null
  /** An error loses all but its message on the way; its class matters where it is finally caught. */
  readonly #kept: unknown[] = []
  readonly #theirs = new WeakMap<object, number>()

  constructor(port: Pick<MessagePort | Worker, 'postMessage' | 'on'>, handlers: Handlers) {
    this.#port = port
    port.on('message', (message: Message) => {
      if ('call' in message) void this.#answer(message, handlers)
      else {
        const waiting = this.#waiting.get(message.answer)
        this.#waiting.delete(message.answer)
        if ('fault' in message) waiting?.reject(this.#errorOf(message.fault))
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

  /** No more answers will come: waiting calls are rejected with `reason`. */
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
      if (!this.#ended) this.#port.postMessage({ answer: call, fault: this.#faultOf(error) } satisfies Message)
    }
  }

  #faultOf(error: unknown): Fault {
    if (error instanceof BatchProblem) return { kind: 'problem', code: error.code, message: error.message }
    if (error instanceof TooManySecondLooks) return { kind: 'second_looks' }
    const theirs = typeof error === 'object' && error !== null ? this.#theirs.get(error) : undefined
    if (theirs !== undefined) return { kind: 'yours', kept: theirs }
    return { kind: 'mine', kept: this.#kept.push(error) - 1, error }
  }

  #errorOf(fault: Fault): unknown {
    switch (fault.kind) {
      case 'problem':
        return new BatchProblem(fault.code, fault.message)
      case 'second_looks':
        return new TooManySecondLooks()
      case 'yours':
        return this.#kept[fault.kept]
      case 'mine':
        if (typeof fault.error === 'object' && fault.error !== null) this.#theirs.set(fault.error, fault.kept)
        return fault.error
    }
  }
}

/** The buffers that can be transferred, not copied: nothing else uses a part of them. */
function buffersOf(value: unknown): TransferListItem[] {
  if (value instanceof Uint8Array)
    return value.byteLength > 0 && value.byteLength === value.buffer.byteLength ? [value.buffer as ArrayBuffer] : []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.values(value).flatMap(buffersOf)
}

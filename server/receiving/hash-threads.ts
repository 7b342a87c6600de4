import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Slab } from './slab-pool.ts'

export type HashRequest = { id: number } & (
  | { what: 'update'; slab: number | null; length: number; memory: Slab['memory'] | null }
  | { what: 'digest' | 'drop' }
)

/** The compiled thread beside compiled code, the source beside the source. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './hash-thread.ts' : './hash-thread.js', import.meta.url)
const MOST_THREADS = 4

/** A SHA-256 that another thread computes. Once that thread has failed every later call rejects. */
export interface ThreadHash {
  /**
   * Resolves when the first `length` bytes of the slab are in it, and the slab may be used for others. Call it without
   * waiting for the one before.
   */
  update(slab: Slab, length: number): Promise<void>
  /** Of all bytes so far, in hexadecimal; the last that may be asked. */
  digest(): Promise<string>
  /** Discards the hash. */
  drop(): void
}

/** Threads that hash large uploads, so that one core can receive while another hashes. They start when they are needed. */
export class HashThreads {
  readonly #most: number
  readonly #threads = new Set<HashThread>()

  constructor(most = Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1))) {
    this.#most = most
  }

  /** How many threads there are now. */
  get running(): number {
    return this.#threads.size
  }

  begin(): ThreadHash {
    const [quietest] = [...this.#threads].sort((a, b) => a.open - b.open)
    if (quietest && (quietest.open === 0 || this.#threads.size >= this.#most)) return quietest.begin()
    const thread = new HashThread((dead) => this.#threads.delete(dead))
    this.#threads.add(thread)
    return thread.begin()
  }

  /** Ends the threads; hashes that are under way fail. */
  async stop(): Promise<void> {
    await Promise.all([...this.#threads].map((thread) => thread.stop()))
  }
}

class HashThread {
  /** How many hashes are under way. */
  open = 0
  readonly #worker: Worker
  readonly #waiting: PromiseWithResolvers<string | null>[] = []
  /** The slabs that the thread has been shown: to show one costs more than to name it. */
  readonly #known = new Set<number>()
  #ids = 0
  #failure: Error | null = null

  constructor(ended: (thread: HashThread) => void) {
    this.#worker = new Worker(THREAD, {
      // It makes next to nothing but answers.
      resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 },
      // Releases of Node.js that do not read TypeScript by themselves are only met while developing.
      ...(THREAD.pathname.endsWith('.ts') && !process.features.typescript && { execArgv: ['--import', 'tsx'] }),
    })
    this.#worker.on('message', (answer: string | null) => this.#waiting.shift()?.resolve(answer))
    const fail = (cause?: Error) => {
      ended(this)
      this.#failure ??= new Error('the thread that hashes uploads ended', { cause })
      for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
    }
    this.#worker.once('error', fail)
    this.#worker.once('exit', () => fail())
    // Does not keep the process alive.
    this.#worker.unref()
  }

  begin(): ThreadHash {
    const id = ++this.#ids
    this.open += 1
    let ended = false
    const last = () => {
      if (!ended) this.open -= 1
      ended = true
    }
    return {
      update: async ({ number, memory }, length) => {
        const known = number !== null && this.#known.has(number)
        if (number !== null) this.#known.add(number)
        await this.#ask({ id, what: 'update', slab: number, length, memory: known ? null : memory })
      },
      digest: () => this.#ask({ id, what: 'digest' }).finally(last) as Promise<string>,
      drop: () => {
        if (!ended && !this.#failure) this.#worker.postMessage({ id, what: 'drop' } satisfies HashRequest)
        last()
      },
    }
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(request: HashRequest): Promise<string | null> {
    if (this.#failure) return Promise.reject(this.#failure)
    const answer = Promise.withResolvers<string | null>()
    this.#waiting.push(answer)
    this.#worker.postMessage(request)
    return answer.promise
  }
}

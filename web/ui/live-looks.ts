import { randomUUID } from 'node:crypto'
import { setTimeout as startTimeout } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { Signals } from '../../store/postgres/signals.ts'
import { WithFormToken } from './components/form.tsx'

/** A part of a page and the id of its element. */
export type Fragment = readonly [id: string, fragment: JSX.Element]

export interface Fragments {
  fragments: readonly Fragment[]
  /** True while something is in progress: then updates come more often. */
  hurry: boolean
  /** The page shows something else by now, and is to be loaded again. */
  reload?: boolean
}

/** What a live page shows at one moment, as HTML. It has no form token yet: `withToken` puts in that of one session. */
export interface Shown {
  fragments: readonly (readonly [id: string, html: string])[]
  reload: boolean
}

export type LiveLook = () => Promise<Fragments>

/** At most four looks a second during an import, otherwise one a second while things happen. */
const HURRY_MS = 250
const CALM_MS = 1000
/** Without a signal: the clock moves on, files are copied in on the host, and a signal may be lost. */
const IDLE_MS = 15_000
/** A look that takes long, as in a folder of thousands of files, is followed by a rest of so many times that. */
const REST = 4

/** A page that several may have open. */
export interface Watched {
  /** The same for all who see the same. */
  key: string
  teamId: number
}

export interface Watching {
  /** What is to be seen once something may have changed. Rejects if the look fails. */
  next(): Promise<Shown>
  /** Call it when the page is left. */
  leave(): void
}

/**
 * Looks once for all who have the same page open, and only when something may have changed: queries, listings and HTML cost
 * the same for one as for a hundred of them. While nobody watches, nothing is looked at.
 */
export class LiveLooks {
  readonly #shared = new Map<string, SharedLook>()
  /** Stands where each session's form token belongs; no content of a page can guess it. */
  readonly #place = randomUUID()

  constructor(signals: Pick<Signals, 'subscribe'>) {
    signals.subscribe((signal) => {
      // Pages of a run that is going look by themselves.
      if (signal.kind === 'progress' || signal.kind === 'rights' || signal.kind === 'file_due') return
      for (const shared of this.#shared.values())
        if (signal.kind !== 'team' || signal.teamId === shared.teamId) shared.wake()
    })
  }

  /** What everybody with the page open gets to see, from now on until `leave`. */
  watch({ key, teamId }: Watched, look: LiveLook): Watching {
    const shared = this.#shared.get(key) ?? new SharedLook(teamId, this.#place)
    this.#shared.set(key, shared)
    shared.watchers++
    // Something may have changed since the page was made.
    shared.wake()
    let isThere = true
    return {
      next: () => shared.next(look),
      leave: () => {
        if (!isThere) return
        isThere = false
        shared.watchers--
        if (shared.watchers > 0) return
        shared.stop()
        if (this.#shared.get(key) === shared) this.#shared.delete(key)
      },
    }
  }

  withToken(html: string, token: string | null): string {
    return html.replaceAll(this.#place, token ?? '')
  }
}

class SharedLook {
  readonly teamId: number
  readonly #place: string
  #going: Promise<Shown> | null = null
  #notBefore = 0
  #isDue = true
  #hurry = false
  #wake = () => {}
  #idle: NodeJS.Timeout | undefined
  watchers = 0

  constructor(teamId: number, place: string) {
    this.teamId = teamId
    this.#place = place
  }

  /** Something may have changed. */
  wake(): void {
    this.#isDue = true
    this.#wake()
  }

  /** Nobody waits any more. */
  stop(): void {
    clearTimeout(this.#idle)
  }

  /** The next look, which all that wait for it share. */
  next(look: LiveLook): Promise<Shown> {
    this.#going ??= this.#lookAndRender(look).finally(() => {
      this.#going = null
    })
    return this.#going
  }

  async #lookAndRender(look: LiveLook): Promise<Shown> {
    if (!this.#isDue && !this.#hurry) await this.#changed()
    await setTimeout(Math.max(0, this.#notBefore - performance.now()))
    this.#isDue = false
    const began = performance.now()
    const { fragments, hurry, reload = false } = await look()
    const ended = performance.now()
    this.#hurry = hurry
    this.#notBefore = Math.max(began + (hurry ? HURRY_MS : CALM_MS), ended + REST * (ended - began))
    const html: (readonly [string, string])[] = []
    for (const [id, fragment] of fragments)
      html.push([id, String(await WithFormToken({ token: this.#place, children: await fragment }))])
    return { fragments: html, reload }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle = startTimeout(resolve, IDLE_MS)
      this.#wake = () => {
        clearTimeout(this.#idle)
        resolve()
      }
    })
  }
}

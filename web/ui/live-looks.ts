import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { WithFormToken } from './components/form.tsx'

/** A part of a page and the id of its element. */
export type Fragment = readonly [id: string, fragment: JSX.Element]

export interface Fragments {
  fragments: readonly Fragment[]
  /** True while something is in progress: then updates come more often. */
  hurry: boolean
  /** The page shows something else by now, and is to be loaded again. */
  reload?: boolean
  /** Nothing is in progress: it stays the same until the pulse changes, or a minute has passed. */
  still?: boolean
}

/** What a live page shows at one moment, as HTML. It has no form token yet: `withToken` puts in that of one session. */
export interface Shown {
  fragments: readonly (readonly [id: string, html: string])[]
  reload: boolean
}

export type LiveLook = () => Promise<Fragments>

/** Changes when something happened that may show, at a fraction of the cost of a look. */
export type Pulse = () => Promise<string>

/** At most four looks a second during an import, one otherwise. */
const HURRY_MS = 250
const CALM_MS = 1000
/** A look that takes long, as in a folder of thousands of files, is followed by a rest of so many times that. */
const REST = 4
/** What tells times in minutes is true for so long. */
const STILL_MS = 60_000

/**
 * Looks once for all who have the same page open: queries, listings and HTML cost the same for one as for a hundred of
 * them. While nobody watches, nothing is looked at.
 */
export class LiveLooks {
  readonly #shared = new Map<string, SharedLook>()
  /** Stands where each session's form token belongs; no content of a page can guess it. */
  readonly #place = randomUUID()

  /** What everybody with the page `key` open gets to see, from now on until it is left. Ends with an error if `look` fails. */
  async *watch(key: string, look: LiveLook, pulse: Pulse | null = null): AsyncGenerator<Shown, never> {
    const shared = this.#shared.get(key) ?? new SharedLook(this.#place)
    this.#shared.set(key, shared)
    shared.watchers++
    try {
      for (;;) yield await shared.next(look, pulse)
    } finally {
      shared.watchers--
      if (shared.watchers === 0) this.#shared.delete(key)
    }
  }

  withToken(html: string, token: string | null): string {
    return html.replaceAll(this.#place, token ?? '')
  }
}

class SharedLook {
  readonly #place: string
  #going: Promise<Shown> | null = null
  #notBefore = 0
  /** The last look, where it holds as long as the pulse stays this. */
  #still: { shown: Shown; pulse: string; until: number } | null = null
  watchers = 0

  constructor(place: string) {
    this.#place = place
  }

  /** The next look, which all that wait for it share. */
  next(look: LiveLook, pulse: Pulse | null): Promise<Shown> {
    this.#going ??= this.#nextShown(look, pulse).finally(() => {
      this.#going = null
    })
    return this.#going
  }

  async #nextShown(look: LiveLook, pulse: Pulse | null): Promise<Shown> {
    await setTimeout(Math.max(0, this.#notBefore - performance.now()))
    const began = performance.now()
    // Felt before the look: what happens in between is seen by the next one.
    const felt = pulse && (await pulse())
    if (this.#still && this.#still.pulse === felt && began < this.#still.until) {
      this.#notBefore = began + CALM_MS
      return this.#still.shown
    }
    const { still, ...shown } = await this.#lookAndRender(look, began)
    this.#still = still && felt !== null ? { shown, pulse: felt, until: began + STILL_MS } : null
    return shown
  }

  async #lookAndRender(look: LiveLook, began: number): Promise<Shown & { still: boolean }> {
    const { fragments, hurry, reload = false, still = false } = await look()
    const ended = performance.now()
    this.#notBefore = Math.max(began + (hurry ? HURRY_MS : CALM_MS), ended + REST * (ended - began))
    const html: (readonly [string, string])[] = []
    for (const [id, fragment] of fragments)
      html.push([id, String(await WithFormToken({ token: this.#place, children: await fragment }))])
    return { fragments: html, reload, still }
  }
}

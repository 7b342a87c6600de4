/** Ends a session in which nothing is heard for too long, unless it is at work. */
export class IdleTimer {
  readonly #end: () => void
  readonly #atWork: () => boolean
  #timer: NodeJS.Timeout | undefined

  constructor(atWork: () => boolean, end: () => void) {
    this.#atWork = atWork
    this.#end = end
  }

  /** From now on, and after so many seconds. */
  limit(seconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#atWork()) this.#timer?.refresh()
      else this.#end()
    }, seconds * 1000)
  }

  /** Something was heard. */
  broken(): void {
    this.#timer?.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

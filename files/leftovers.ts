/** What the disk refused to remove when it was to go. It is tried again at each look, so that nothing stays behind for long. */
export class Leftovers {
  readonly #refused: (error: unknown) => void
  readonly #again = new Map<string, () => Promise<void>>()

  /** `refused` is called at each refusal; only the first one of a file is news. */
  constructor(refused: (error: unknown) => void = () => {}) {
    this.#refused = refused
  }

  /** Does away with `disk` by `work`, which may be done any number of times: now, or, where the disk refuses, at a later look. */
  async clear(disk: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#again.delete(disk)
    } catch (error) {
      if (!this.#again.has(disk)) this.#refused(error)
      this.#again.set(disk, work)
    }
  }

  /** The name is in use again: what has it now is to stay. */
  keep(disk: string): void {
    this.#again.delete(disk)
  }

  async look(): Promise<void> {
    for (const [disk, work] of [...this.#again]) if (this.#again.has(disk)) await this.clear(disk, work)
  }
}

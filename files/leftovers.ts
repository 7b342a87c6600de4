/** Files that the disk refused to remove. Each look tries again. */
export class Leftovers {
  readonly #refused: (error: unknown) => void
  readonly #again = new Map<string, () => Promise<void>>()

  /** `refused` is called at each refusal; only the first one of a file is news. */
  constructor(refused: (error: unknown) => void = () => {}) {
    this.#refused = refused
  }

  /** Removes `disk` with `work`, now or, if the disk refuses, at a later look. `work` must be idempotent. */
  async clear(disk: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#again.delete(disk)
    } catch (error) {
      if (!this.#again.has(disk)) this.#refused(error)
      this.#again.set(disk, work)
    }
  }

  /** The name is in use again: keep its new file. */
  keep(disk: string): void {
    this.#again.delete(disk)
  }

  async look(): Promise<void> {
    for (const [disk, work] of [...this.#again]) if (this.#again.has(disk)) await this.clear(disk, work)
  }
}

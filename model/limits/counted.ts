/** How many of something each holder has at the moment. */
export class Counted<K> {
  readonly #held = new Map<K, number>()

  /** False at `most`. After true, call `leave` when the place is free again. */
  enter(key: K, most: number): boolean {
    const count = this.#held.get(key) ?? 0
    if (count >= most) return false
    this.#held.set(key, count + 1)
    return true
  }

  leave(key: K): void {
    const count = this.#held.get(key) ?? 0
    if (count <= 1) this.#held.delete(key)
    else this.#held.set(key, count - 1)
  }
}

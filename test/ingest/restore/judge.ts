import { expect } from 'vitest'
import { type Root, sha256Of } from './root.ts'

/** Knows what was sent, and watches what becomes of it. */
export class Judge {
  readonly #root: Root
  readonly #sent = new Map<string, { upload: string; content: string }>()
  readonly #copied: string[] = []
  /** How often somebody asked for the import of an upload by name. */
  readonly #asked = new Map<string, number>()
  /** What was superseded, or replaced or removed before it was imported, and how many batches there were then. */
  readonly #givenUp = new Map<string, number>()
  #renames = 0

  constructor(root: Root) {
    this.#root = root
  }

  get anyCopied(): boolean {
    return this.#copied.length > 0
  }

  sent(id: string, upload: string, content: string): void {
    this.#sent.set(id, { upload, content })
  }

  uploaded(pick: number): { upload: string; content: string } | undefined {
    const all = [...this.#sent.values()].filter(({ content }) => content.endsWith('\n'))
    return all[pick % all.length]
  }

  copied(content: string): void {
    this.#copied.push(sha256Of(content))
  }

  renamed(): void {
    this.#renames += 1
  }

  asked(uploadId: string | null): void {
    if (uploadId) this.#asked.set(uploadId, (this.#asked.get(uploadId) ?? 0) + 1)
  }

  /** Holds after every step. */
  async check(): Promise<void> {
    await this.#nothingEnteredAnew()
    await this.#nothingImportedTwice()
    await this.#newestStaysNewest()
    await this.#nothingSupersededByWhatCannotBeRead()
  }

  /** Only a file that was imported or held supersedes an older one. */
  async #nothingSupersededByWhatCannotBeRead(): Promise<void> {
    const taken = (await this.#root.batches()).filter(({ state }) => ['imported', 'held', 'undone'].includes(state))
    for (const { path, verdict, verdict_reason, received_at } of await this.#root.uploads())
      if (verdict === 'superseded' && !verdict_reason?.startsWith('It came back'))
        expect(
          taken.some((batch) => Number(batch.received_at) >= Number(received_at)),
          path,
        ).toBe(true)
  }

  async #nothingEnteredAnew(): Promise<void> {
    const uploads = await this.#root.uploads()
    const anew = uploads.filter(({ source, sha256 }) => source === 'host' && !this.#copied.includes(sha256 ?? ''))
    expect(anew, 'files entered anew').toEqual([])
    const mine = this.#sent.size + this.#copied.length + this.#renames
    expect(uploads.length, 'entries of the ledger').toBeLessThanOrEqual(mine)
  }

  async #nothingImportedTwice(): Promise<void> {
    const imports = new Map<string, number>()
    for (const { upload_id, state } of await this.#root.batches())
      if (upload_id && state === 'imported') imports.set(upload_id, (imports.get(upload_id) ?? 0) + 1)
    for (const [id, times] of imports)
      expect(times, `imports of ${id}`).toBeLessThanOrEqual(1 + (this.#asked.get(id) ?? 0))
  }

  async #newestStaysNewest(): Promise<void> {
    const batches = await this.#root.batches()
    const byItself = batches.filter(
      ({ state, upload_id, approved_by }) =>
        state === 'imported' && approved_by === null && !this.#asked.has(upload_id ?? ''),
    )
    if (this.#root.settings.file.select === 'most_recent') {
      const receipts = byItself.map(({ received_at }) => received_at?.getTime() ?? 0)
      expect(receipts, 'receipt times of what was imported').toEqual([...receipts].sort((a, b) => a - b))
    }
    for (const { id, verdict, gone_at, vanished } of await this.#root.uploads())
      if (verdict === 'superseded' || (verdict === 'waiting' && gone_at !== null && !vanished))
        this.#givenUp.set(id, this.#givenUp.get(id) ?? batches.length)
    for (const [id, since] of this.#givenUp)
      expect(batches.slice(since).some(({ upload_id }) => upload_id === id) && !this.#asked.has(id), id).toBe(false)
  }

  async sameVerdicts(before: Awaited<ReturnType<Root['present']>>): Promise<void> {
    const after = new Map((await this.#root.present()).map((upload) => [upload.id, upload]))
    for (const upload of before) {
      const now = after.get(upload.id)
      expect(now?.receivedAt, upload.path).toEqual(upload.receivedAt)
      if (now?.verdict !== 'superseded' || !(await this.#isNewerTaken(upload))) expect(now).toEqual(upload)
    }
    expect(after.size).toBe(before.length)
  }

  async nothingWaits(): Promise<void> {
    const waiting = (await this.#root.look(0)).filter(
      ({ verdict, name }) => verdict === 'waiting' && name.endsWith('.csv'),
    )
    expect(waiting).toEqual([])
  }

  async #isNewerTaken({ receivedAt }: { receivedAt: Date | null }): Promise<boolean> {
    const uploads = await this.#root.uploads()
    return uploads.some(
      ({ verdict, received_at }) =>
        ['imported', 'held'].includes(verdict ?? '') && Number(received_at) > Number(receivedAt),
    )
  }
}

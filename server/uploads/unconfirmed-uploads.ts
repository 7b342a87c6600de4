import type { FileEntry } from '../../files/file-area.ts'
import { folderOf, type TeamPath } from '../../model/team-path.ts'

/** An upload that got a 226 and does not have its name yet. */
export interface UnconfirmedFile {
  readonly by: { teamId: number; account: string }
  readonly entry: FileEntry
  /** Another session of the account shows that it is there: resolves when the ledger has the file under its name. Never rejects. */
  enter(): Promise<void>
}

/** The uploads without a name of all sessions of this process: each is there for its own account alone. */
export class UnconfirmedUploads {
  readonly #files = new Set<UnconfirmedFile>()

  add(file: UnconfirmedFile): void {
    this.#files.add(file)
  }

  remove(file: UnconfirmedFile): void {
    this.#files.delete(file)
  }

  /** A command of the account names `path`; one that moves or removes a folder means what is in it, too. */
  async named(by: UnconfirmedFile['by'], path: TeamPath, { andInside }: { andInside: boolean }): Promise<void> {
    for (const file of this.#of(by)) {
      const at = file.entry.path
      if (at === path || (andInside && at.startsWith(`${path}/`))) await file.enter()
    }
  }

  in(by: UnconfirmedFile['by'], folder: TeamPath): FileEntry[] {
    return this.#of(by)
      .map(({ entry }) => entry)
      .filter(({ path }) => folderOf(path) === folder)
  }

  #of({ teamId, account }: UnconfirmedFile['by']): UnconfirmedFile[] {
    return [...this.#files].filter(({ by }) => by.teamId === teamId && by.account === account)
  }
}

/** Folder entries with these uploads added or put in place of files. */
export async function* overlaidWith(
  entries: AsyncIterable<FileEntry>,
  unconfirmed: readonly FileEntry[],
): AsyncGenerator<FileEntry> {
  const left = new Map(unconfirmed.map((entry) => [entry.path, entry]))
  for await (const entry of entries) {
    yield left.get(entry.path) ?? entry
    left.delete(entry.path)
  }
  yield* left.values()
}

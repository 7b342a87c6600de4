import type { TeamPath } from '../model/team-path.ts'
import type { FileIdentity } from '../model/upload.ts'

/** One thing in a folder of the virtual root. Anything but a regular file or a folder (a link, a pipe, a device) is not listed. */
export interface FileEntry {
  readonly name: string
  readonly path: TeamPath
  readonly kind: 'file' | 'folder'
  readonly bytes: number
  /** Clients may set it. */
  readonly modifiedAt: Date
  /** The last change of content or name by the clock of this machine; no client can set it. */
  readonly changedAt: Date
  readonly identity: FileIdentity
}

/** A file opened for reading: it stays the same file even when another takes its name. */
export interface OpenFile {
  readonly entry: FileEntry
  /** Reads from `start` (a byte offset, 0 by default) to `end`, at most to the end that the file had when it was opened. What it yields is the caller's own. */
  read(start?: number, end?: number): AsyncIterable<Buffer>
  close(): Promise<void>
}

/** A file that is still being received, under a hidden name on the same file system. */
export interface PendingFile {
  /** The hidden name, as the ledger keeps it: enough to publish or discard the file after a restart. */
  readonly temporaryName: string
  /** Bytes written so far. */
  readonly bytes: number
  /** Appends; resolves when more may be written. Rejects with `no-space` when the disk is full. */
  write(chunk: Buffer): Promise<void>
  /**
   * Appends at once what is large enough to be written by itself, behind everything given before. Resolves when it is
   * written and `bytes` may be used for others; rejects as `write`.
   */
  append(bytes: Uint8Array): Promise<void>
  /** Waits until all of it is written; what the file is from now on. It may still be in the memory of the machine alone. */
  written(): Promise<FileIdentity>
  /** Flushes everything to the disk and closes the file; still hidden. Call before telling the client that it was taken. */
  seal(): Promise<FileIdentity>
  /**
   * Gives the sealed file its final name, replacing what stood there in one step. With `flush: false` the name lasts
   * through a power cut only after `flushName`; until then the file may be back under its hidden name. In a folder on
   * another file system it is a copy, of another identity.
   */
  publish(path: TeamPath, options?: { flush: boolean }): Promise<FileEntry>
  /** Leaves nothing behind; what the disk refuses to remove now is removed later. Safe to call at any time, also twice. */
  discard(): Promise<void>
}

/**
 * The virtual root of one team. Every path is resolved segment by segment; a symbolic link is never followed, so no
 * operation reaches outside the root. Rejects with `FileProblem`; anything else is a fault of ours or of the machine.
 */
export interface FileArea {
  /**
   * Starts a file under a hidden name; nothing is visible under its final name until `publish`. With `release` the chunks
   * given to `write` belong to the file: their memory is freed as soon as they are written.
   */
  receive(options?: { release: boolean }): Promise<PendingFile>
  /** Takes up a file that an earlier process sealed but did not publish; null when it is gone. */
  resume(temporaryName: string): Promise<PendingFile | null>
  /** The hidden names of all pending files, for cleaning up after a crash. */
  pending(): Promise<string[]>
  /** Keeps `text` about a pending file on the disk, until it is dropped. For use while the ledger is unreachable. */
  keepNote(temporaryName: string, text: string): Promise<void>
  /** The notes that are kept, by hidden name. */
  notes(): Promise<{ temporaryName: string; text: string }[]>
  dropNote(temporaryName: string): Promise<void>
  stat(path: TeamPath): Promise<FileEntry>
  /** The entries of a folder in no particular order, one at a time: a folder may hold very many. Hidden names included. Folders cost nothing if they are not `wanted`. */
  list(folder: TeamPath, wanted?: 'all' | 'files'): AsyncIterable<FileEntry>
  open(path: TeamPath): Promise<OpenFile>
  /** Reads a sealed pending file that has no name, or never gets one. */
  openPending(temporaryName: string): Promise<OpenFile>
  /** The SHA-256 of an opened file, in hexadecimal. It is read once and remembered as long as nothing changes it. */
  sha256(file: OpenFile): Promise<string>
  /** Makes the folder and those above it; nothing happens where it exists. */
  makeFolder(path: TeamPath): Promise<void>
  /** Flushes the names in the folder of `path`. */
  flushName(path: TeamPath): Promise<void>
  /**
   * Renames within the root. With `replace: false` it refuses, in one step, to take a name that exists. A file that has to
   * get to another file system is copied, flushed and then removed: answers what it is from now on, null where it is the
   * same. A folder is refused with `other-disk`.
   */
  move(from: TeamPath, to: TeamPath, options: { replace: boolean }): Promise<FileIdentity | null>
  remove(path: TeamPath): Promise<void>
  /**
   * Moves that very file and no other, never over another: a file that takes its name meanwhile keeps it. Refuses with
   * `not-found` if it is gone. To another file system it is copied: under both names until the copy lasts.
   */
  moveThis(from: TeamPath, identity: FileIdentity, to: TeamPath): Promise<void>
  /**
   * Removes that very file and no other. Does nothing if it is gone. `sha256` tells what an earlier attempt
   * left behind, where a restore has given it another identity since.
   */
  removeThis(path: TeamPath, identity: FileIdentity, sha256?: string | null): Promise<void>
  /** Removes an empty folder; the root itself never. */
  removeFolder(path: TeamPath): Promise<void>
  /** Sets the time that clients see as `modifiedAt`, of a file or folder. */
  setModified(path: TeamPath, at: Date): Promise<void>
  /** The disk beneath a folder, the root by default: how much of it is free for us, and how large it is. */
  space(folder?: TeamPath): Promise<{ freeBytes: number; totalBytes: number }>
  /** Counts all files of the root, hidden ones included, and the folders that clients see. Slow: it stats each. */
  usage(): Promise<Usage>
}

export interface Usage {
  bytes: number
  files: number
  folders: number
}

/** A refusal of the file area, by kind; each edge translates it once (`server/ftp/control/ftp-replies.ts`, `web/http/errors.ts`). */
export class FileProblem extends Error {
  override readonly name = 'FileProblem'
  readonly kind: FileProblemKind
  constructor(kind: FileProblemKind, path: string, options?: ErrorOptions) {
    super(`${FILE_PROBLEMS[kind]}: ${path}`, options)
    this.kind = kind
  }
}

const FILE_PROBLEMS = {
  'not-found': 'There is no such file or folder',
  'already-exists': 'The name is taken',
  'not-a-file': 'This is not a file',
  'not-a-folder': 'This is not a folder',
  'not-empty': 'The folder is not empty',
  'not-allowed': 'This name or operation is not allowed',
  'other-disk': 'A folder cannot be moved to another disk',
  'no-space': 'There is no space left',
  'too-many-open': 'Too many files are open',
} as const
export type FileProblemKind = keyof typeof FILE_PROBLEMS

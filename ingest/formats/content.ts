/** The bytes of a stored file, read as often as needed. */
export interface FileContent {
  readonly bytes: number
  /** Reads from `start` (a byte offset, 0 by default) to the end. */
  read(start?: number): AsyncIterable<Buffer>
}

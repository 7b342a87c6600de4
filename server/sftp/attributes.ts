import type { Attributes, FileEntry as NamedAttributes } from 'ssh2'
import type { FileEntry } from '../../files/file-area.ts'
import { listLine } from '../ftp/listing-commands.ts'

const FOLDER_MODE = 0o040750
const FILE_MODE = 0o100640

export function attributesOf({
  kind,
  bytes,
  modifiedAt,
}: Pick<FileEntry, 'kind' | 'bytes' | 'modifiedAt'>): Attributes {
  const seconds = Math.max(0, Math.floor(modifiedAt.getTime() / 1000))
  return {
    mode: kind === 'folder' ? FOLDER_MODE : FILE_MODE,
    size: kind === 'folder' ? 0 : bytes,
    uid: 0,
    gid: 0,
    atime: seconds,
    mtime: seconds,
  }
}

/** One line of a listing, under a name of its own where that is `.` or `..`. */
export function namedAttributes(entry: FileEntry, now: Date, filename = entry.name): NamedAttributes {
  return { filename, longname: listLine({ ...entry, name: filename }, now), attrs: attributesOf(entry) }
}

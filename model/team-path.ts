declare const checked: unique symbol

/** An absolute path inside one team's virtual root, e.g. `/cadence/imports/StudentData.csv`. Only this module makes one. */
export type TeamPath = string & { readonly [checked]: 'TeamPath' }

export const ROOT = '/' as TeamPath

/** File systems refuse a longer name. */
export const MAX_NAME_BYTES = 255

/** PATH_MAX of Linux. */
export const MAX_PATH = 4096

/** Suffixes that clients give to a file they are still writing; such a file is never imported. */
const TEMPORARY_SUFFIXES = ['.filepart', '.part', '.partial', '.tmp', '.crdownload']

/** Suffixes of files that tell about another file: that it is whole, or what its bytes add up to. */
const COMPANION_SUFFIXES = [
  ...['.done', '.ctl', '.ok', '.trg', '.flag', '.ready', '.eof'],
  ...['.md5', '.sha1', '.sha256', '.sig', '.asc'],
]

/** Name of the folder for uploads in progress; hidden from every listing and unreachable by any name. */
export const HIDDEN_FOLDER = '.rosterport'

/** In each folder, the name of the one for what is on its way to another file system; just as hidden. */
export const MOVING_FOLDER = '.rosterport-moving'

export type ParsedPath = { ok: true; path: TeamPath } | { ok: false; reason: string }

/** Why `name` cannot name a file or folder, or null. Control characters could forge reply lines; a backslash is a separator elsewhere. */
export function nameProblem(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return 'is empty or a dot name'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\u007f/\\]/.test(name)) return 'holds a control character, a slash or a backslash'
  if (!name.isWellFormed()) return 'is not valid Unicode'
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`
  if ([HIDDEN_FOLDER, MOVING_FOLDER].includes(name.toLowerCase())) return 'is reserved'
  return null
}

/**
 * Resolves `text` against `from`, segment by segment: `.` and empty segments vanish, `..` stops at the root.
 * Nothing above the root can be named, so nothing above it exists.
 */
export function resolveTeamPath(from: TeamPath, text: string): ParsedPath {
  const segments: string[] = text.startsWith('/') ? [] : pathSegments(from)
  for (const segment of text.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') {
      segments.pop()
      continue
    }
    const problem = nameProblem(segment)
    if (problem) return { ok: false, reason: `The name "${segment}" ${problem}.` }
    segments.push(segment)
  }
  return { ok: true, path: `/${segments.join('/')}` as TeamPath }
}

/** Reads an absolute path as settings and requests give it: a leading slash, no `.` or `..`; a trailing slash is dropped. */
export function parseTeamPath(text: string): ParsedPath {
  if (!text.startsWith('/')) return { ok: false, reason: `The path "${text}" must begin with a slash.` }
  if (text.split('/').some((segment) => segment === '.' || segment === '..'))
    return { ok: false, reason: `The path "${text}" must not hold "." or "..".` }
  return resolveTeamPath(ROOT, text)
}

/** As `parseTeamPath`, for text that has been checked before (a stored setting, a constant). Throws on anything else. */
export function teamPath(text: string): TeamPath {
  const parsed = parseTeamPath(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.path
}

export function pathSegments(path: TeamPath): string[] {
  return path.split('/').filter((segment) => segment !== '')
}

/** The last segment; empty for the root. */
export function nameOf(path: TeamPath): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function folderOf(path: TeamPath): TeamPath {
  const end = path.lastIndexOf('/')
  return (end <= 0 ? '/' : path.slice(0, end)) as TeamPath
}

/** `name` inside `folder`. Throws when `name` is no name: names from outside go through `resolveTeamPath`. */
export function pathIn(folder: TeamPath, name: string): TeamPath {
  const problem = nameProblem(name)
  if (problem) throw new Error(`The name "${name}" ${problem}.`)
  return (folder === ROOT ? `/${name}` : `${folder}/${name}`) as TeamPath
}

/** Hidden files, files that a client is still writing, markers and checksums. */
export function isNeverImported(name: string): boolean {
  const suffixes = [...TEMPORARY_SUFFIXES, ...COMPANION_SUFFIXES]
  return name.startsWith('.') || suffixes.some((suffix) => name.toLowerCase().endsWith(suffix))
}

import { createHash } from 'node:crypto'
import { DELIMITERS } from './delimiters.ts'
import type { ImportSettings } from './import-settings.ts'
import { MAX_NAME_BYTES, pathIn, type TeamPath } from './team-path.ts'

type Results = NonNullable<ImportSettings['results']>

/** Where the result of a file is written: `<path>/<file name>.txt`. */
export function resultPath({ path }: Results, fileName: string): TeamPath {
  return pathIn(path, fitted(fileName, '.txt'))
}

/** As many names are tried where others are taken. */
const MOST_NAMES = 9

/**
 * Where the rejected records of a file are written: `<path>/<stem>_errors.<ext>`, and `_errors_2`, `_errors_3` ... where a file
 * of somebody else, or of another result, has that name.
 */
export function rejectedRecordsPaths(
  { path }: Results,
  fileName: string,
  settings: Pick<ImportSettings, 'file'>,
): TeamPath[] {
  const { stem, extension } = partsOf(fileName, settings)
  return Array.from({ length: MOST_NAMES }, (_, n) =>
    pathIn(path, fitted(stem, `_errors${n === 0 ? '' : `_${n + 1}`}${extension}`)),
  )
}

/** How a batch's error file is called wherever it is given, so that the prefix of the team's files finds it when it is sent again. */
export function errorFileName(fileName: string, settings: Pick<ImportSettings, 'file'>): string {
  const { stem, extension } = partsOf(fileName, settings)
  return `${stem}_errors${extension}`
}

function partsOf(fileName: string, { file }: Pick<ImportSettings, 'file'>): { stem: string; extension: string } {
  const dot = fileName.lastIndexOf('.')
  return dot > 0
    ? { stem: fileName.slice(0, dot), extension: fileName.slice(dot) }
    : { stem: fileName, extension: DELIMITERS[file.delimiter].extension }
}

/** Where it is told that a window passed without a file: `<path>/<prefix>_no_file_<date>_<window>.txt`. */
export function emptyWindowPath(
  { path }: Results,
  { file }: Pick<ImportSettings, 'file'>,
  { name, date }: { name: string; date: string },
): TeamPath {
  const start = file.namePrefix === '' ? '' : `${file.namePrefix}_`
  return pathIn(path, fitted(`${start}no_file_${date}_${name}`, '.txt'))
}

/** `stem` and `end`, as one name. A stem that is too long is cut, and told from others by its hash. */
function fitted(stem: string, end: string): string {
  if (Buffer.byteLength(stem + end) <= MAX_NAME_BYTES) return stem + end
  const mark = `~${createHash('sha256').update(stem).digest('hex').slice(0, 8)}`
  let signs = [...stem]
  while (Buffer.byteLength(signs.join('') + mark + end) > MAX_NAME_BYTES) signs = signs.slice(0, -1)
  return signs.join('') + mark + end
}

import type { FileArea, OpenFile } from '../../files/file-area.ts'
import { FileProblem } from '../../files/file-area.ts'
import type { TeamPath } from '../../model/team-path.ts'
import type { FileContent } from '../formats/content.ts'
import type { FileEncoding } from '../formats/encoding.ts'
import { type FileSettings, surveyFile } from '../formats/survey.ts'
import { BatchProblem } from '../records/batch-problem.ts'
import { plainValue } from '../records/cell.ts'
import { recordsOf } from './chunk-splitter.ts'

/** The beginning of a file, for people who map its columns. */
export interface FileHead {
  /** The names of its columns; empty ones left out. */
  columns: string[]
  encoding: FileEncoding
  /** The first values of each column, in the order of `columns`, as written. */
  samples: string[][]
}

export type FileHeadResult = { ok: true; head: FileHead } | { ok: false; problem: string }

/** Bytes read from the start of a file. */
export const HEAD_BYTES = 256 * 1024
const SAMPLE_RECORDS = 50

/** As `readFileHead`, of a file of which only the first bytes are at hand. */
export async function fileHeadOf(beginning: Buffer, settings: FileSettings): Promise<FileHeadResult> {
  const read = async function* (start = 0) {
    yield beginning.subarray(start)
  }
  try {
    return { ok: true, head: await headOf(beginningOf({ bytes: beginning.length, read }), settings) }
  } catch (error) {
    if (error instanceof BatchProblem) return { ok: false, problem: error.message }
    throw error
  }
}

/** Reads the beginning of a file as an import with these settings would; says why where it could not. */
export async function readFileHead(files: FileArea, path: TeamPath, settings: FileSettings): Promise<FileHeadResult> {
  try {
    const file = await files.open(path)
    try {
      return { ok: true, head: await openFileHead(file, settings) }
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof BatchProblem || error instanceof FileProblem) return { ok: false, problem: error.message }
    throw error
  }
}

/** As `readFileHead`, of an open file. Throws a `BatchProblem` where it cannot be read. */
export function openFileHead(file: OpenFile, settings: FileSettings): Promise<FileHead> {
  return headOf(beginningOf({ bytes: file.entry.bytes, read: (start) => file.read(start) }), settings)
}

async function headOf(content: FileContent, settings: FileSettings): Promise<FileHead> {
  const survey = await surveyFile(content, settings)
  const names = survey.header.values.map(plainValue)
  const shown = names.flatMap((name, index) => (name === '' ? [] : [index]))
  const samples: string[][] = shown.map(() => [])
  let records = 0
  for await (const some of recordsOf(content, settings, survey)) {
    for (const record of some) {
      if (!('values' in record) || record.values.length !== names.length) continue
      for (const [index, column] of shown.entries()) samples[index]?.push(record.values[column] as string)
      if (++records >= SAMPLE_RECORDS) break
    }
    if (records >= SAMPLE_RECORDS) break
  }
  return { columns: shown.map((index) => names[index] as string), encoding: survey.encoding, samples }
}

/** The beginning of a file, cut where a line ends, so that its last record is whole. */
function beginningOf(content: FileContent): FileContent {
  if (content.bytes < HEAD_BYTES) return content
  const read = async function* (start = 0) {
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of content.read()) {
      chunks.push(Buffer.from(chunk))
      bytes += chunk.length
      if (bytes >= HEAD_BYTES) break
    }
    const head = Buffer.concat(chunks).subarray(0, HEAD_BYTES)
    const end = Math.max(head.lastIndexOf(0x0a), head.lastIndexOf(0x0d)) + 1
    // UTF-16 has a zero byte beside that of its line end.
    const cut = head[end] === 0 ? end + 1 : end
    yield head.subarray(start, cut > 0 ? cut : head.length)
  }
  return { bytes: HEAD_BYTES, read }
}

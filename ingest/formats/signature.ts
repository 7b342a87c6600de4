import type { ImportSettings } from '../../model/import-settings.ts'
import { BatchProblem } from '../records/batch-problem.ts'
import type { FileEncoding } from './encoding.ts'

/** How much of a file is looked at before its first record is read. */
export const HEAD_BYTES = 64 * 1024

/** A text file holds next to no zero bytes; UTF-16 without its mark holds about as many as letters. */
const MOST_ZERO_BYTES = 1 / 8

type EncodingSetting = ImportSettings['file']['encoding']

const SIGNATURES: readonly { bytes: string; what: string }[] = [
  { bytes: '\x1f\x8b', what: 'a gzip archive; unpack it before the upload' },
  { bytes: 'PK\x03\x04', what: 'an Excel workbook or a zip archive; export the sheet as CSV, or unpack the archive' },
  { bytes: 'PK\x05\x06', what: 'an empty zip archive; upload the file itself' },
  { bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', what: 'an Excel workbook of the old kind (.xls); export it as CSV' },
  { bytes: '%PDF-', what: 'a PDF document; export the data as CSV' },
  { bytes: '\x00\x00\xfe\xff', what: 'text in UTF-32; export it in UTF-8' },
  { bytes: '\xff\xfe\x00\x00', what: 'text in UTF-32; export it in UTF-8' },
]

/** Refuses a file whose first bytes show that it is no delimited text at all. */
export function checkSignature(head: Buffer): void {
  const start = head.toString('latin1', 0, 2048)
  const found = SIGNATURES.find(({ bytes }) => start.startsWith(bytes))
  if (found)
    throw new BatchProblem('F_NOT_TEXT', `The file is no delimited text: this is ${describe(found.what, head)}.`)
  const markup = markupOf(start)
  if (markup) throw new BatchProblem('F_NOT_TEXT', `The file is no delimited text: this is ${markup}.`)
}

const HTML =
  /^<(?:!doctype\s+html|(?:html|head|body|table|thead|tbody|tr|meta|title|style|script|div|center|form)[\s/>])/i
/** A declaration, or an element right before another one. A header may well begin with one name in angle brackets. */
const XML = /^<(?:\?xml|!doctype|[a-z_][\w.:-]*(?:\s[^<>]*)?>[ \r\n]*<)/i

/** The file as HTML or XML, which begin with a tag behind blanks and marks; null where it is neither. */
function markupOf(start: string): string | null {
  // In UTF-16 every other byte of a tag is zero.
  const text = start
    .replaceAll('\0', '')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|\s)+/, '')
    .replace(/^(?:<!--.*?-->\s*)+/s, '')
  if (HTML.test(text) || (text.startsWith('<?xml') && /<html[\s>]/i.test(text)))
    return 'an HTML page; perhaps the export saved an error or sign-in page, or a table under another name. Export the data as CSV'
  return XML.test(text) ? 'an XML document; perhaps a workbook saved as XML. Export the data as CSV' : null
}

/** Refuses a file with more zero bytes than text has in any encoding but UTF-16. */
export function checkZeroBytes(head: Buffer): void {
  if (zeroBytes(head) > head.length * MOST_ZERO_BYTES)
    throw new BatchProblem(
      'F_NOT_TEXT',
      'The file holds many zero bytes: it is binary, or UTF-16 without a byte order mark. Export it as text in UTF-8.',
    )
}

/** A workbook is a zip archive with certain parts in it. */
function describe(what: string, head: Buffer): string {
  if (!head.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'))) return what
  const names = head.toString('latin1')
  if (names.includes('[Content_Types].xml') || names.includes('xl/')) return 'an Excel workbook; export it as CSV'
  return what
}

function zeroBytes(bytes: Buffer): number {
  let zeros = 0
  for (const byte of bytes) if (byte === 0) zeros++
  return zeros
}

/**
 * The encoding by the first bytes and the setting; null where only the whole file can tell UTF-8 from Windows-1252.
 * A mark that contradicts the setting rejects the file: read otherwise, every accent in it would be wrong.
 */
export function encodingOf(head: Buffer, setting: EncodingSetting): FileEncoding | null {
  const marked = markedEncoding(head)
  if (setting === 'auto') return marked
  if (setting === 'utf-16') {
    if (marked === 'utf-16le' || marked === 'utf-16be') return marked
    if (marked === 'utf-8' || zeroBytes(head) === 0) throw contradiction('UTF-16', 'it holds UTF-8 or single-byte text')
    return zerosComeFirst(head) ? 'utf-16be' : 'utf-16le'
  }
  if (marked !== null && marked !== setting)
    throw contradiction(
      setting === 'utf-8' ? 'UTF-8' : 'Windows-1252',
      `it begins with the byte order mark of ${marked === 'utf-8' ? 'UTF-8' : 'UTF-16'}`,
    )
  return setting
}

function contradiction(setting: string, finding: string): BatchProblem {
  return new BatchProblem(
    'F_ENCODING',
    `The encoding is set to ${setting}, but the file is not in ${setting}: ${finding}. Set the encoding to automatic, or change the export.`,
  )
}

function markedEncoding(head: Buffer): FileEncoding | null {
  const start = head.toString('latin1', 0, 4)
  if (start.startsWith('\xef\xbb\xbf')) return 'utf-8'
  if (start.startsWith('\xff\xfe')) return 'utf-16le'
  if (start.startsWith('\xfe\xff')) return 'utf-16be'
  return null
}

/** In UTF-16 the zero half of a Latin letter comes first when the order is big-endian. */
function zerosComeFirst(head: Buffer): boolean {
  let first = 0
  let second = 0
  for (let at = 0; at + 1 < head.length; at += 2) {
    if (head[at] === 0) first++
    if (head[at + 1] === 0) second++
  }
  return first > second
}

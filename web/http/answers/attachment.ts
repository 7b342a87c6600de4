import { DELIMITERS } from '../../../model/delimiters.ts'

/** The Content-Disposition (RFC 6266) with which a browser saves the answer as `fileName`, whatever characters it has. */
export function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  // RFC 5987 leaves fewer characters as they are than encodeURIComponent does.
  const encoded = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

export const CSV_TYPE = `${DELIMITERS.comma.mediaType}; charset=utf-8`

import type { ErrorCode, WarningCode } from './codes.ts'
import type { ContactValues, OptOutState } from './contact.ts'

/** One data row as it is in the file, before it is interpreted. */
export type FileRecord =
  | { /** Physical line, from 1, on which the record starts. */ line: number; values: string[] }
  | {
      line: number
      /** The columns of a damaged record cannot be trusted. */
      damage: Extract<ErrorCode, 'E_QUOTE' | 'E_ENCODING' | 'E_TOO_LONG'>
      message: string
      /** Its raw first physical line, 4 kB at most, undecodable bytes shown as `?`. */
      raw: string
    }

/** One thing wrong with a record, told to the person who has to mend it. */
export interface RecordFault {
  code: ErrorCode
  /** The field's title or the custom field's name; null where the whole record is meant. */
  field: string | null
  message: string
}

/** A record that was not imported. Ends in the error file. */
export interface RecordError {
  line: number
  /** As far as it could be read; never with a NUL. */
  contactId: string | null
  errors: RecordFault[]
  /** The original values in the order of the header, NULs included; the raw first line alone for a damaged record. */
  values: string[]
}

/** A remark on a record that was imported all the same. */
export interface RecordWarning {
  line: number
  contactId: string | null
  code: WarningCode
  message: string
}

/** A remark on the file as a whole. */
export interface FileWarning {
  code: WarningCode
  message: string
}

export type ValidatedRecord =
  | { ok: true; line: number; contact: ContactValues; warnings: RecordWarning[] }
  | {
      ok: false
      error: RecordError
      /** The preference that a rejected record states explicitly, if its columns can be trusted and its Contact ID is known to be right. */
      optOut: { contactId: string; state: OptOutState } | null
    }

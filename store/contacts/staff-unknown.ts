/** `quoted` is the Staff ID in quotes, or its placeholder. */
export function staffUnknown(quoted: string): string {
  return `No user of the team has the Staff ID ${quoted}; it is stored, and the contact will be assigned once such a user is added.`
}

/** In a pattern of PostgreSQL: signs that a person does not see in a Staff ID. */
const INVISIBLE =
  '[\\u0080-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb]'

/** SQL for the message about the Staff ID in `column`; the first sign that cannot be seen in it is named. */
export function staffUnknownSql(column: string): string {
  const sign = `upper(lpad(to_hex(ascii(substring(${column}, '${INVISIBLE}'))), 4, '0'))`
  return `format('${staffUnknown('"%s"%s')}', ${column}, ' (holds U+' || ${sign} || ', a sign that does not print)')`
}

import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../postgres/database.ts'

/** So many digits are found anywhere in a number; more are a whole one, of which the beginning is found. */
const ANYWHERE = { least: 4, most: 9 }
/** Of the words of a search, as many may belong to the first of two names. */
const MOST_SPLITS = 4

/**
 * The keys of the first contacts that `text` finds: by how a name, Contact ID or mobile number begins, by a first and a last
 * name in either order, and by digits of a number. Names are compared without case and accents.
 */
export function found(
  teamId: number,
  text: string,
  {
    optedOut,
    after,
    limit,
    anywhere,
  }: { optedOut: boolean | undefined; after: string | undefined; limit: number; anywhere: boolean },
) {
  const { texts, name, pairs, mobiles, digits } = soughtBy(text)
  const folded = (values: readonly string[]) =>
    sql`array(select folded_name(value) from unnest(${[...values]}::text[]) with ordinality u (value, n) order by n)`
  return sql<string>`any (array(select contacts_found(${teamId}::integer, ${texts}::text[], folded_name(${name}::text),
    ${folded(pairs.map(({ last }) => last))}, ${folded(pairs.map(({ first }) => first))}, ${mobiles}::text[],
    ${anywhere ? digits : null}::text, ${optedOut ?? null}::boolean, ${after ?? null}::text, ${limit}::integer)))`
}

/**
 * Whether digits are sought anywhere in the numbers, which takes a look at all of them: not if they are a Contact ID, which is
 * what is meant then.
 */
export async function soughtAnywhere(db: Database, teamId: number, text: string): Promise<boolean> {
  if (soughtBy(text).digits === null) return false
  const row = await db
    .selectFrom('contact')
    .select('contact_id')
    .where('team_id', '=', teamId)
    .where('contact_id', '=', text)
    .executeTakeFirst()
  return row === undefined
}

/** The search of `found` as a condition on a single contact. */
export function matches(text: string, anywhere: boolean): RawBuilder<boolean> {
  const { texts, name, pairs, mobiles, digits } = soughtBy(text)
  const begins = (value: RawBuilder<unknown>, beginning: string) => sql`starts_with(${value}, ${beginning}::text)`
  const named = (column: string, beginning: string) =>
    sql`starts_with(folded_name(${sql.ref(column)}), folded_name(${beginning}::text))`
  const any = [
    ...texts.map((one) => begins(sql`contact_id`, one)),
    named('last_name', name),
    named('first_name', name),
    ...pairs.map(({ last, first }) => sql`(${named('last_name', last)} and ${named('first_name', first)})`),
    ...mobiles.map((one) => begins(sql`mobile_number`, one)),
    ...(digits === null || !anywhere ? [] : [sql`strpos(mobile_number, ${digits}::text) > 0`]),
  ]
  return sql<boolean>`(${sql.join(any, sql` or `)})`
}

/** How that may begin, or what it may hold, which a search for `text` finds. */
export function soughtBy(text: string) {
  const digits = digitsOf(text)
  return {
    texts: [...new Set([text, text.toLowerCase(), text.toUpperCase()])],
    name: text.replace(/\s+/g, ' '),
    pairs: pairsOf(text),
    mobiles: digits === null ? [] : text.startsWith('+') ? [`+${digits}`] : [`+${digits}`, `+1${digits}`],
    digits: digits !== null && isAnywhere(digits) && !text.startsWith('+') ? digits : null,
  }
}

function isAnywhere({ length }: string): boolean {
  return length >= ANYWHERE.least && length <= ANYWHERE.most
}

/** "Lee, Ann" is one pair of names; "ann lee" is two, since it may be either order, and more words have more. */
function pairsOf(text: string): { last: string; first: string }[] {
  const [last, first] = text.split(',', 2).map((part) => part.trim().replace(/\s+/g, ' '))
  if (last && first !== undefined) return [{ last, first }]
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.slice(1, 1 + MOST_SPLITS).flatMap((_, index) => {
    const [one, other] = [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')]
    return [
      { last: other, first: one },
      { last: one, first: other },
    ]
  })
}

/** The digits of what looks like a mobile number, however punctuated. */
function digitsOf(text: string): string | null {
  if (!/^[\d\s().+/-]+$/.test(text)) return null
  return text.replace(/\D/g, '') || null
}

import type { Context } from 'hono'
import { z } from 'zod'
import { boundedText } from '../../model/limits/bounded-text.ts'
import { MAX_PATH, parseTeamPath } from '../../model/team-path.ts'
import { notFound, Refusal } from './refusal.ts'
import { validationMessage } from './validation-messages.ts'

/** The validated JSON body; 400 if it is not JSON, 422 with every fault if it does not match `schema`. */
export async function jsonBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const text = await c.req.text()
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('malformed', 'The body is not valid JSON.')
  }
  return schema.parse(value, { error: validationMessage })
}

/** True for a form. curl posts JSON as a form by default; a real form would encode the brace. */
export async function isForm(c: Context): Promise<boolean> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('Content-Type') ?? '')) return false
  return !/^\s*\{/.test(await c.req.text())
}

/** A page of users has most: 500 of four fields each. */
const MOST_FIELDS = 2_500

/**
 * The fields of a form, counted before they are taken apart: a body has room for half a million, and these would hold up
 * everybody for seconds.
 */
export async function formOf(c: Context): Promise<URLSearchParams> {
  const text = await c.req.text()
  if (hasMoreFields(text, MOST_FIELDS)) throw new Refusal('invalid', 'A form has at most 2,500 fields.')
  return new URLSearchParams(text)
}

/** Whether the text of a form has more than `most` fields. */
export function hasMoreFields(text: string, most: number): boolean {
  let fields = 1
  for (let at = text.indexOf('&'); at !== -1 && fields <= most; at = text.indexOf('&', at + 1)) fields++
  return fields > most
}

const formFields = z.record(z.string(), z.string())

/** The fields of a form; of two with the same name the last counts. */
export async function formBody<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.output<Schema>> {
  const fields = formFields.parse(Object.fromEntries(await formOf(c)))
  return schema.parse(fields, { error: validationMessage })
}

/** The validated query; a parameter without a value counts as missing. */
export function queryOf<Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> {
  const given = Object.fromEntries(Object.entries(c.req.query()).filter(([, value]) => value !== ''))
  return schema.parse(given, { error: validationMessage })
}

const MOST_PER_PAGE = 500

export const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MOST_PER_PAGE)
  .default(50)
  .describe('Items per page, 1 to 500. Default 50.')
/** A cursor that is a number: of a line, an audit entry. */
export const numberCursor = z.coerce
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .optional()
  .describe('`next` of the previous page.')
/** The number of a run: PostgreSQL keeps 32 bits of it. */
export const runNumber = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .optional()
export const textCursor = z.string().max(1000).optional().describe('`next` of the previous page.')

/** A path in the root of a team. */
export const filePath = boundedText(MAX_PATH).transform((text, context) => {
  const parsed = parseTeamPath(text)
  if (parsed.ok) return parsed.path
  context.addIssue({ code: 'custom', message: parsed.reason })
  return z.NEVER
})

export const uuid = z.guid()

/** An ID from the path; 404 if it is not a valid one. */
export function pathId(c: Context, what: string): string {
  const id = uuid.safeParse(c.req.param('id'))
  if (!id.success) throw notFound(what)
  return id.data
}

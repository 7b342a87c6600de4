import type { Context } from 'hono'
import { z } from 'zod'
import { formOf, hasMoreFields, isForm } from '../requests.ts'
import { safeRedirect } from '../safe-redirect.ts'
import { WITH_SECRETS } from './pages-with-secrets.ts'

/** The hidden field that proves that a form comes from one of our pages. */
export const FORM_TOKEN = 'formToken'

/** The body of a sign-in has room for so much beside the rest. */
export const MAX_UNSENT = 24_000
const MOST_UNSENT_FIELDS = 2_000
/** These are not carried through a page once something is entered. */
const SECRET_FIELD = /password|secret|code|token/i

/** A form that came without a session, or from an earlier one: it is kept until the person has signed in and sends it again. */
export interface UnsentForm {
  /** A path of ours. */
  action: string
  fields: [name: string, value: string][]
}

const unsentForm = z.object({
  action: z.string().max(2_000),
  fields: z.array(z.tuple([z.string().max(MAX_UNSENT), z.string().max(MAX_UNSENT)])).max(MOST_UNSENT_FIELDS),
})

/** Null for what is no form of a page, holds a secret, or is too large to be kept. */
export async function unsentFormOf(c: Context): Promise<UnsentForm | null> {
  if (c.req.method !== 'POST' || WITH_SECRETS.test(c.req.path) || !(await isForm(c))) return null
  if (hasMoreFields(await c.req.text(), MOST_UNSENT_FIELDS)) return null
  const fields = [...(await formOf(c))].filter(([name]) => name !== FORM_TOKEN)
  if (fields.some(([name, value]) => value !== '' && SECRET_FIELD.test(name))) return null
  const { pathname, search } = new URL(c.req.url)
  const unsent = { action: pathname + search, fields }
  return JSON.stringify(unsent).length <= MAX_UNSENT ? unsent : null
}

/** As the sign-in page gives it back; null for none, and for one that is not ours. */
export function parseUnsentForm(text: string | undefined): UnsentForm | null {
  if (!text) return null
  try {
    const { success, data } = unsentForm.safeParse(JSON.parse(text))
    return success && data.action !== '/' && safeRedirect(data.action) === data.action ? data : null
  } catch {
    return null
  }
}

/** The page that a form was sent from, to go back to; the overview where the browser does not say. */
export function pageBefore(c: Context): string {
  const referer = c.req.header('Referer')
  if (!referer || !URL.canParse(referer)) return '/'
  const { pathname, search } = new URL(referer)
  return safeRedirect(pathname + search)
}

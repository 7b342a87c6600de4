import { z } from 'zod'
import { DAILY_WINDOWS, WINDOW_NAMES } from '../../model/daily-windows.ts'

/** Schemas shared by the answers of several features. `satisfies Like<T>` checks a schema against the type of the answer. */

export const moment = z.iso.datetime()
export const text = z.string()
export const count = z.int().min(0)
export const id = z.guid()

/** A schema that names the very keys of what the service answers. */
export type Like<T> = z.ZodType<Record<keyof T, unknown>>

export const teamSlug = text.describe('Short name of the team, as in its addresses.')
const windowHours = Object.values(DAILY_WINDOWS).map(({ name, hours }) => `\`${name}\` ${hours}`)
export const windowName = z
  .enum(WINDOW_NAMES)
  .describe(`Daily window: ${windowHours.join(', ')}, in the time zone of the team.`)

export const problem = z
  .object({
    type: text.describe('Always `about:blank`: `status` and `detail` say what happened.'),
    title: text.describe('Short title of the status.'),
    status: z.int().describe('HTTP status code.'),
    detail: text.describe('What is wrong and what to do, in one or two sentences.'),
    errors: z
      .array(
        z.object({
          path: text.describe('Where in the body or query, for example `file.afterImport.path`.'),
          message: text.describe('What is wrong with this value.'),
        }),
      )
      .optional()
      .describe('Every invalid value, so that all can be fixed at once.'),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' })

export const teamUser = z
  .object({
    staffId: text.describe('ID in the Staff ID column of the files. Case does not matter.'),
    name: text.describe('Name of the user.'),
    email: text.describe('E-mail address of the user.'),
  })
  .meta({ id: 'TeamUser', description: 'A user of the team to whom contacts can be assigned.' })

export const session = z
  .object({
    id: id.describe('ID of the session.'),
    address: text.nullable().describe('IP address at sign-in; null if unknown.'),
    userAgent: text.nullable().describe('Browser or program, as it named itself; null if it did not.'),
    createdAt: moment.describe('When the person signed in.'),
    lastSeenAt: moment.describe('Last request of the session.'),
    current: z.boolean().describe('True for the session of this request.'),
  })
  .meta({ id: 'Session', description: 'A browser that is signed in.' })

export const startedRun = z.object({ runId: id.describe('ID of the run; see `GET /api/runs/{id}`.') })

export const runInProgress = z.object({
  runId: id.describe('ID of the run that is in progress.'),
  detail: text.describe('Why no run was started.'),
})

export const pageOf = (item: z.ZodType) =>
  z.object({
    items: z.array(item).describe('The items of this page.'),
    next: text.nullable().describe('Value of `after` for the next page; null on the last page.'),
  })

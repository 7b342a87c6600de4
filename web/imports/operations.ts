import { z } from 'zod'
import type { UpcomingWindow } from '../../ingest/schedule/upcoming-windows.ts'
import { FATE_CODES, type TeamFile } from '../../model/team-file.ts'
import { count, id, type Like, moment, pageOf, startedRun, text, windowName } from '../openapi/answers.ts'
import { done, json, NO_TEAM, type Operations, TOO_MANY_MAILS } from '../openapi/operation.ts'
import { filesQuery, namedFile } from './files-api.ts'

const teamFile = z
  .object({
    path: text.describe('Path in the root of the team.'),
    bytes: count.describe('Size in bytes.'),
    state: text.describe(
      'Upload state. `receiving`: still arriving. `incomplete`: broken off, not stored. `unconfirmed`: arrived, but not known to be complete yet. `ready`: complete.',
    ),
    receivedAt: moment.nullable().describe('When the upload was complete; null if it is not, or if unknown.'),
    verdict: text
      .nullable()
      .describe(
        'Import status: `waiting`, `claimed` (a run is importing it), `imported`, `rejected`, `held` (waits for a decision) or `superseded` (a newer file was imported). Null if no import looked at it.',
      ),
    fate: z
      .enum(FATE_CODES)
      .describe(
        'Code of what was, is or will be done with the file, such as `next_window`, `newer_first`, `misplaced` or `archived`.',
      ),
    reason: text.describe('What will happen to the file and why, in one sentence.'),
    action: text.describe(
      'What you can do: `none`, `run_import`, `import_anyway`, `approve_or_discard`, `rename`, `send_again`, `wait` or `open_batch`.',
    ),
    batchId: id.nullable().describe('Last batch that tried to import it; null if none did.'),
  })
  .meta({ id: 'TeamFile', description: 'A file or upload of a team.' }) satisfies Like<TeamFile>

const upcomingWindow = z.object({
  name: windowName,
  date: z.iso.date().describe('Local date of the team.'),
  opensAt: moment.describe('When the window opens.'),
  closesAt: moment.describe('When the window closes.'),
  text: text.describe('The same in words, in the time zone of the team.'),
  daylightSaving: text.nullable().describe('How a clock change affects this window; null on other days.'),
}) satisfies Like<UpcomingWindow>

export const importOperations: Operations = {
  'GET /api/teams/:team/files': {
    tag: 'Files',
    summary: 'List the files and uploads of a team',
    query: { schema: filesQuery, example: { limit: '100' } },
    answers: { 200: json('Ordered by path, each with its status and the reason.', pageOf(teamFile)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/files/import': {
    tag: 'Files',
    summary: 'Import a file anyway',
    description: 'Imports this file even if it was superseded, rejected or undone.',
    body: { schema: namedFile, example: { path: '/cadence/imports/StudentData.csv' } },
    answers: {
      202: json('Run started.', startedRun),
      404: NO_TEAM,
      409: done('A run of this team is in progress, or the file cannot be imported.'),
    },
  },
  'GET /api/teams/:team/windows': {
    tag: 'Import settings',
    summary: 'List the upcoming import windows',
    answers: { 200: json('The enabled windows of the next 14 days, in order.', pageOf(upcomingWindow)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/test-email': {
    tag: 'Import settings',
    summary: 'Send a test e-mail to all notification addresses',
    answers: {
      202: json(
        'Queued.',
        z.object({ recipients: z.array(z.string()).describe('E-mail addresses that it is sent to.') }),
      ),
      404: NO_TEAM,
      429: TOO_MANY_MAILS,
    },
  },
}

import { z } from 'zod'
import { PROPOSED_FIELDS } from '../../ingest/proposing/name-signs.ts'
import { forEachWindow } from '../../model/daily-windows.ts'
import { importSettings } from '../../model/import-settings.ts'
import { type Like, startedRun } from '../openapi/answers.ts'
import { done, json, NO_TEAM, NOT_FOUND, type Operations } from '../openapi/operation.ts'
import { checkRequest } from './check-api.ts'
import { mapAndImportRequest } from './map-and-import-api.ts'
import { proposalsRequest } from './proposals-api.ts'
import type { WebhookTest } from './webhook-api.ts'

const documentedSettings = importSettings.meta({
  id: 'ImportSettings',
  description: 'How the files of a team are found, read and imported.',
})

const mergeField = z.object({
  name: z.string().describe('Name of the field.'),
  tag: z.string().describe('Placeholder that a message uses for the value of the field.'),
})

const webhookTest = z.object({
  delivered: z.boolean().describe('True: the receiver answered with a status from 200 to 299.'),
  status: z.int().nullable().describe('HTTP status of the answer; null if there was none.'),
  ms: z.int().min(0).nullable().describe('Milliseconds until the answer; null if there was none.'),
  text: z.string().describe('First 500 characters of the answer, or why there was none.'),
}) satisfies Like<WebhookTest>

const proposal = z.object({
  column: z.string().describe('Column of the file.'),
  confidence: z
    .enum(['confident', 'possible'])
    .describe('`confident`: name and values agree, and no other column comes near. `possible`: look at it.'),
  because: z.string().describe('What speaks for it.'),
})

const proposals = z.object({
  columns: z.array(z.string()).describe('Columns of the file.'),
  fields: z
    .partialRecord(z.enum(PROPOSED_FIELDS), proposal)
    .describe('By field; a field without a likely column is absent.'),
  optOutWords: z
    .object({
      optInValue: z.string().describe('Value that means opted in.'),
      optOutValue: z.string().describe('Value that means opted out.'),
    })
    .nullable()
    .describe('The two words of the proposed opt-out column; null if they are not clear.'),
})

/** The settings of the public interface. */
const SETTINGS = {
  version: 0,
  file: {
    path: '/cadence/imports',
    namePrefix: 'StudentData',
    select: 'most_recent',
    delimiter: 'comma',
    encoding: 'auto',
    afterImport: { action: 'move', path: '/cadence/archive' },
  },
  schedule: { ...forEachWindow(false), overnight: true },
  notificationEmails: 'registrar@example.edu, it@example.edu',
  notifyOn: 'always',
  silenceHours: 26,
  fields: {
    contactId: 'Student ID',
    firstName: 'First',
    lastName: 'Last',
    mobileNumber: 'Cell',
    staffId: 'Advisor',
  },
  optOut: { column: 'SMS Opt Out', optInValue: 'N', optOutValue: 'Y', emptyMeans: 'keep' },
  aliases: { mobileNumber: ['CELL_PHONE'] },
  additionalFields: [{ name: 'Major', column: 'MAJR_DESC', required: false, mergeable: true, visibleToUser: true }],
  absentColumn: 'keep',
  sharedMobile: 'warn',
  mobileCountries: 'any',
  guardrails: 'hold',
}

export const configureOperations: Operations = {
  'GET /api/teams/:team/import-settings': {
    tag: 'Import settings',
    summary: 'Show the import settings of a team',
    answers: { 200: json('The current settings; version 0 if none were saved.', documentedSettings), 404: NO_TEAM },
  },
  'PUT /api/teams/:team/import-settings': {
    tag: 'Import settings',
    summary: 'Save the import settings of a team',
    description:
      'Send all settings with the `version` that you read. Creates the File Path and the archive folder if they do not exist.',
    body: { schema: documentedSettings, example: SETTINGS },
    answers: {
      200: json('The saved settings.', documentedSettings),
      404: NO_TEAM,
      409: done('Another version was saved in the meantime.'),
    },
  },
  'POST /api/teams/:team/check': {
    tag: 'Files',
    summary: 'Check a file (dry run)',
    description:
      'Shows what an import of this file would do, and in `guardrails` whether it would be held for approval and why. Nothing is changed. With `Accept: text/event-stream` the answer streams `progress` events and ends with `finished`.',
    body: { schema: checkRequest, example: { path: '/cadence/imports/StudentData.csv' } },
    answers: {
      200: json('What an import would do.', z.record(z.string(), z.unknown())),
      404: done('Team or file not found.'),
      429: done('Other checks were in progress for too long, or too many of this team waited.'),
    },
  },
  'POST /api/batches/:id/map-and-import': {
    tag: 'Batches',
    summary: 'Map a missing column under another name and import the file',
    description:
      "For a batch that was rejected for a missing column: `column` becomes another name (alias) of the field's column in the import settings, and the file that waits is imported without a new upload. `problem.columns` of the batch names the likely column.",
    body: { schema: mapAndImportRequest, example: { field: 'mobileNumber', column: 'CELL_PHONE' } },
    answers: {
      202: json('Run started.', startedRun),
      404: NOT_FOUND,
      409: done('Not rejected for this column, the file is gone or imported, or a run of this team is in progress.'),
    },
  },
  'POST /api/teams/:team/proposals': {
    tag: 'Import settings',
    summary: 'Propose a column for each field',
    description:
      'Reads the first records of a file and proposes its columns by their names and values, as Configure Imports does. Nothing is changed.',
    body: { schema: proposalsRequest, example: { path: '/cadence/imports/StudentData.csv' } },
    answers: {
      200: json('The proposals.', proposals),
      404: NO_TEAM,
      409: done('The file is not there or cannot be read; the detail says why.'),
    },
  },
  'POST /api/teams/:team/test-webhook': {
    tag: 'Import settings',
    summary: 'Send a test event to the webhook',
    description: 'Sends at once, without retries, and shows what the receiver answers.',
    answers: {
      200: json('What came of it.', webhookTest),
      404: NO_TEAM,
      422: done('No webhook is saved.'),
      429: done('Ten tests of the person or the team were sent within an hour.'),
    },
  },
  'GET /api/teams/:team/merge-fields': {
    tag: 'Import settings',
    summary: 'List the merge fields of a team',
    description: 'The fields whose values can be inserted into messages.',
    answers: { 200: json('As the messaging system names them.', z.array(mergeField)), 404: NO_TEAM },
  },
}

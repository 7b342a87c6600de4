import { z } from 'zod'
import { forEachWindow } from '../../model/daily-windows.ts'
import { importSettings } from '../../model/import-settings.ts'
import { done, json, NO_TEAM, type Operations } from '../openapi/operation.ts'
import { checkRequest } from './check-api.ts'

const documentedSettings = importSettings.meta({
  id: 'ImportSettings',
  description: 'How the files of a team are found, read and imported.',
})

const mergeField = z.object({
  name: z.string().describe('Name of the field.'),
  tag: z.string().describe('Placeholder that a message uses for the value of the field.'),
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
  'GET /api/teams/:team/merge-fields': {
    tag: 'Import settings',
    summary: 'List the merge fields of a team',
    description: 'The fields whose values can be inserted into messages.',
    answers: { 200: json('As the messaging system names them.', z.array(mergeField)), 404: NO_TEAM },
  },
}

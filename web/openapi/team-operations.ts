import { z } from 'zod'
import { forEachWindow } from '../../model/daily-windows.ts'
import { importSettings } from '../../model/import-settings.ts'
import { auditFileQuery, auditQuery } from '../activity/api.ts'
import { checkRequest } from '../configure/check-api.ts'
import { contactChange, contactsQuery } from '../contacts/api.ts'
import { accountChanges, newAccount } from '../ftp-accounts/api.ts'
import { namedFile } from '../imports/files-api.ts'
import { manualImportQuery } from '../manual-import/api.ts'
import { runImport, runsQuery } from '../runs/api.ts'
import { recordErrorsQuery } from '../runs/batches-api.ts'
import { newTeam, teamChanges, teamsQuery } from '../teams/api.ts'
import { users } from '../teams/users-api.ts'
import {
  auditEntry,
  batch,
  contact,
  ftpAccount,
  ftpPassword,
  inTheWay,
  NAMED,
  pageOf,
  recordError,
  run,
  startedRun,
  team,
  teamFile,
  teamUser,
  undoFigures,
  upcomingWindow,
} from './answers.ts'
import { done, file, json, type Operation } from './operation.ts'

NAMED.add(importSettings, { id: 'ImportSettings' })

const CSV = 'text/csv; charset=utf-8'
const NO_TEAM = done('There is no such team among those that the asker sees.')

const NO_RUN = done('There is none of that id.')

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

/** What belongs to a team. */
export const TEAM_OPERATIONS: Record<string, Operation> = {
  'POST /api/teams': {
    tag: 'Teams',
    summary: 'Make a team, for owners',
    body: { schema: newTeam, example: { team: 'registrar', name: 'Registrar', timeZone: 'America/New_York' } },
    answers: { 201: json('The team.', team), 403: done('Not an owner.'), 409: done('The short name is taken.') },
  },
  'GET /api/teams': {
    tag: 'Teams',
    summary: 'The teams that the asker sees',
    query: { schema: teamsQuery, example: { limit: '10' } },
    answers: { 200: json('By short name.', pageOf(team)) },
  },
  'GET /api/teams/:team': {
    tag: 'Teams',
    summary: 'One team',
    answers: { 200: json('The team.', team), 404: NO_TEAM },
  },
  'PATCH /api/teams/:team': {
    tag: 'Teams',
    summary: 'Change a team',
    body: { schema: teamChanges, example: { name: 'Admissions Office', quotaBytes: 21_474_836_480 } },
    answers: { 200: json('The team as changed.', team), 404: NO_TEAM },
  },
  'DELETE /api/teams/:team': {
    tag: 'Teams',
    summary: 'Remove a team with everything that is known of it, for owners',
    description: 'Its files are moved out of the way, where nothing finds them by the name of the team.',
    path: { team: 'former' },
    answers: { 204: done('Removed.'), 404: NO_TEAM, 409: done('A run of it is going, or is being undone.') },
  },
  'GET /api/teams/:team/import-settings': {
    tag: 'Import settings',
    summary: 'How files of this team are imported',
    answers: {
      200: json('The settings that hold now; version 0 where none were saved.', importSettings),
      404: NO_TEAM,
    },
  },
  'PUT /api/teams/:team/import-settings': {
    tag: 'Import settings',
    summary: 'Save the settings',
    description: 'With the `version` that they were read at. Makes File Path and archive folder.',
    body: { schema: importSettings, example: SETTINGS },
    answers: {
      200: json('The settings as saved.', importSettings),
      404: NO_TEAM,
      409: done('Another version was saved since.'),
    },
  },
  'GET /api/teams/:team/ftp-accounts': {
    tag: 'FTP accounts',
    summary: 'The FTP accounts of a team',
    answers: { 200: json('By user name.', pageOf(ftpAccount)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/ftp-accounts': {
    tag: 'FTP accounts',
    summary: 'Make an FTP account',
    body: { schema: newAccount, example: { username: 'admissions-new', allowedAddresses: ['192.0.2.0/24'] } },
    answers: {
      201: json('Its password, shown this once.', ftpPassword),
      404: NO_TEAM,
      409: done('The user name is taken.'),
    },
  },
  'PATCH /api/teams/:team/ftp-accounts/:username': {
    tag: 'FTP accounts',
    summary: 'Change an FTP account',
    body: { schema: accountChanges, example: { permissions: 'full', enabled: true } },
    answers: { 200: json('The account as changed.', ftpAccount), 404: NO_TEAM },
  },
  'DELETE /api/teams/:team/ftp-accounts/:username': {
    tag: 'FTP accounts',
    summary: 'Remove an FTP account',
    path: { username: 'admissions-former' },
    answers: { 204: done('Removed.'), 404: NO_TEAM },
  },
  'POST /api/teams/:team/ftp-accounts/:username/password': {
    tag: 'FTP accounts',
    summary: 'Make a new password; the old one opens nothing any more',
    answers: { 201: json('The password, shown this once.', ftpPassword), 404: NO_TEAM },
  },
  'GET /api/teams/:team/users': {
    tag: 'Team users',
    summary: 'Whom a Staff ID assigns contacts to',
    answers: { 200: json('All of them.', z.array(teamUser)), 404: NO_TEAM },
  },
  'PUT /api/teams/:team/users': {
    tag: 'Team users',
    summary: 'Replace the users of a team',
    body: { schema: users, example: [{ staffId: 's77', name: 'Inga Berg', email: 'inga.berg@example.edu' }] },
    answers: { 200: json('As saved.', z.array(teamUser)), 404: NO_TEAM },
  },
  'POST /run-import': {
    tag: 'Runs',
    summary: 'Run Import: look for files now',
    body: { schema: runImport, example: { team: 'admissions' } },
    answers: {
      202: json('The run has begun.', startedRun),
      404: NO_TEAM,
      409: json('A run of this team is going, or is being undone.', inTheWay),
    },
  },
  'PUT /api/teams/:team/manual-import': {
    tag: 'Runs',
    summary: 'Manual Import: import the file that is the body',
    description: 'The raw file, of any size; it is never held in memory.',
    path: { team: 'bursar' },
    query: { schema: manualImportQuery, example: { fileName: 'StudentData.csv' } },
    rawBody: { type: 'application/octet-stream', example: 'Student ID,First,Last,Cell\n1001,Ann,Lee,7165550101\n' },
    answers: {
      202: json('The run has begun.', startedRun),
      404: NO_TEAM,
      409: json('A run of this team is going, or is being undone.', inTheWay),
      507: done('The team may not keep so much, or the disk is nearly full.'),
    },
  },
  'GET /api/teams/:team/files': {
    tag: 'Files',
    summary: 'Every file and upload in the root of a team',
    answers: { 200: json('Each with what becomes of it and why.', pageOf(teamFile)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/files/import': {
    tag: 'Files',
    summary: 'Import this file, whatever was decided about it',
    body: { schema: namedFile, example: { path: '/cadence/imports/StudentData.csv' } },
    answers: {
      202: json('The run has begun.', startedRun),
      404: NO_TEAM,
      409: done('A run of this team is going, or the file cannot be imported.'),
    },
  },
  'POST /api/teams/:team/check': {
    tag: 'Files',
    summary: 'Dry run: what an import of this file would do; nothing is written',
    description: 'With `Accept: text/event-stream` the progress is told on the way.',
    body: { schema: checkRequest, example: { path: '/cadence/imports/StudentData.csv' } },
    answers: { 200: json('What would happen.', z.record(z.string(), z.unknown())), 404: done('No such team or file.') },
  },
  'GET /api/teams/:team/merge-fields': {
    tag: 'Import settings',
    summary: 'What a message may be merged with',
    answers: {
      200: json(
        'The fields, as the messaging system names them.',
        z.array(z.object({ name: z.string(), tag: z.string() })),
      ),
      404: NO_TEAM,
    },
  },
  'GET /api/teams/:team/windows': {
    tag: 'Import settings',
    summary: 'The enabled windows of the next days',
    answers: { 200: json('In their order.', pageOf(upcomingWindow)), 404: NO_TEAM },
  },
  'POST /api/teams/:team/test-email': {
    tag: 'Import settings',
    summary: 'Send a mail to everyone on the list',
    answers: { 202: json('To whom.', z.object({ recipients: z.array(z.string()) })), 404: NO_TEAM },
  },
  'GET /api/runs/:id/events': {
    tag: 'Runs',
    summary: 'How far a run has come: `progress`, `batch`, `finished`',
    answers: { 200: file('Server-sent events until the run ends.', 'text/event-stream'), 404: NO_RUN },
  },
  'POST /api/runs/:id/abort': {
    tag: 'Runs',
    summary: 'Abort a run; the batch in progress is rolled back',
    answers: { 202: json('It ends.', startedRun), 404: NO_RUN, 409: done('It has ended already.') },
  },
  'GET /api/batches/:id/recap': {
    tag: 'Batches',
    summary: 'The recap as a mail',
    answers: { 200: file('Byte for byte.', 'message/rfc822'), 404: NO_RUN },
  },
  'POST /api/batches/:id/recap': {
    tag: 'Batches',
    summary: 'Send the recap again',
    answers: { 202: done('It is in the outbox.'), 404: NO_RUN, 409: done('There is none.') },
  },
  'POST /api/batches/:id/approve': {
    tag: 'Batches',
    summary: 'Import a held batch all the same',
    answers: {
      202: json('The run has begun.', startedRun),
      404: NO_RUN,
      409: done('It is not held, or a run of this team is going.'),
    },
  },
  'POST /api/batches/:id/discard': {
    tag: 'Batches',
    summary: 'Never import a held batch',
    answers: { 204: done('Discarded; the file stays.'), 404: NO_RUN, 409: done('It is not held.') },
  },
  'GET /api/batches/:id/undo': {
    tag: 'Batches',
    summary: 'What undoing a batch would do now',
    answers: { 200: json('The figures.', undoFigures), 404: NO_RUN, 409: done('It cannot be undone.') },
  },
  'POST /api/batches/:id/undo': {
    tag: 'Batches',
    summary: 'Take back what a batch did to the contacts',
    description:
      'Contacts that it updated hold again what they held before, those that it created are removed. What another batch or a stated opt-out preference has changed since stays as it is and is listed. Possible for 30 days, while no run of the team is going. It is done in the background, whole or not at all: until then the batch has `undo`, afterwards the state `undone` and the figures. Asked again meanwhile, it answers the same.',
    answers: {
      202: json('It is being undone; Location leads to the batch.', startedRun),
      404: NO_RUN,
      409: done('It was undone before, cannot be undone (any more), or a run of this team is going.'),
    },
  },
  'GET /api/teams/:team/runs': {
    tag: 'Runs',
    summary: 'The runs of a team with their batches',
    query: { schema: runsQuery, example: { limit: '5' } },
    answers: { 200: json('Newest first.', pageOf(run)), 404: NO_TEAM },
  },
  'GET /api/runs/:id': {
    tag: 'Runs',
    summary: 'One run with its batches',
    answers: { 200: json('The run.', run), 404: done('There is none of that id.') },
  },
  'GET /api/batches/:id': {
    tag: 'Batches',
    summary: 'One file that was imported once',
    answers: { 200: json('The batch.', batch), 404: done('There is none of that id.') },
  },
  'GET /api/batches/:id/errors': {
    tag: 'Batches',
    summary: 'The records of a batch that were not imported',
    query: { schema: recordErrorsQuery, example: { limit: '10' } },
    answers: { 200: json('By line.', pageOf(recordError)), 404: done('There is none of that id.') },
  },
  'GET /api/batches/:id/errors.csv': {
    tag: 'Batches',
    summary: 'The error file, to be corrected and sent again',
    answers: { 200: file('In the delimiter of the file.', CSV), 404: done('There is none of that id.') },
  },
  'GET /api/teams/:team/contacts': {
    tag: 'Contacts',
    summary: 'The contacts of a team',
    query: { schema: contactsQuery, example: { search: 'lee', limit: '10' } },
    answers: { 200: json('By Contact ID.', pageOf(contact)), 404: NO_TEAM },
  },
  'GET /api/teams/:team/contacts.csv': {
    tag: 'Contacts',
    summary: 'All contacts of a team as a file',
    answers: { 200: file('By Contact ID; cells that a spreadsheet would run are neutralised.', CSV), 404: NO_TEAM },
  },
  'GET /api/teams/:team/contacts/:contactId': {
    tag: 'Contacts',
    summary: 'One contact',
    answers: { 200: json('The contact.', contact), 404: done('There is none of that Contact ID.') },
  },
  'PATCH /api/teams/:team/contacts/:contactId': {
    tag: 'Contacts',
    summary: 'Set the opt-out preference',
    description: 'How the messaging system reports a STOP of the person (`"source": "contact"`).',
    body: { schema: contactChange, example: { optOut: { state: 'opted_out', source: 'contact' } } },
    answers: { 200: json('The contact as changed.', contact), 404: done('There is none of that Contact ID.') },
  },
  'GET /api/audit': {
    tag: 'Audit',
    summary: 'Who did what, from where',
    query: { schema: auditQuery, example: { team: 'admissions', limit: '10' } },
    answers: { 200: json('Newest first.', pageOf(auditEntry)), 404: NO_TEAM },
  },
  'GET /api/audit.csv': {
    tag: 'Audit',
    summary: 'The audit as a file',
    query: { schema: auditFileQuery, example: { team: 'admissions' } },
    answers: { 200: file('Newest first.', CSV), 404: NO_TEAM },
  },
}

import { CSV_TYPE } from '../http/answers/attachment.ts'
import { pageOf, runInProgress, startedRun } from '../openapi/answers.ts'
import { done, file, json, NO_TEAM, NOT_FOUND, type Operations, TOO_MANY_MAILS } from '../openapi/operation.ts'
import { batch, recordErrors, run, undoFigures } from './answers.ts'
import { runImport, runsQuery } from './api.ts'
import { approvalQuery, recordErrorsQuery } from './batches-api.ts'

const STARTED = json('Run started.', startedRun)

export const runOperations: Operations = {
  'POST /run-import': {
    tag: 'Runs',
    summary: 'Run Import: look for files now and import them',
    body: { schema: runImport, example: { team: 'admissions' } },
    answers: {
      202: STARTED,
      404: NO_TEAM,
      409: json('A run or an undo of this team is in progress.', runInProgress),
    },
  },
  'GET /api/runs/:id/events': {
    tag: 'Runs',
    summary: 'Follow a run: `progress`, `batch` and `finished` events',
    answers: { 200: file('Server-sent events until the run ends.', 'text/event-stream'), 404: NOT_FOUND },
  },
  'POST /api/runs/:id/abort': {
    tag: 'Runs',
    summary: 'Stop a run',
    description: 'The current file is rolled back and stays in place. Files that are finished stay imported.',
    answers: { 202: json('The run stops.', startedRun), 404: NOT_FOUND, 409: done('The run has ended.') },
  },
  'GET /api/batches/:id/recap': {
    tag: 'Batches',
    summary: 'Download the recap e-mail',
    answers: { 200: file('The e-mail as sent.', 'message/rfc822'), 404: NOT_FOUND },
  },
  'POST /api/batches/:id/recap': {
    tag: 'Batches',
    summary: 'Send the recap again',
    answers: {
      202: done('Queued.'),
      404: NOT_FOUND,
      409: done('This batch has no recap.'),
      429: TOO_MANY_MAILS,
    },
  },
  'POST /api/batches/:id/approve': {
    tag: 'Batches',
    summary: 'Approve a held batch and import it',
    description:
      'The import does exactly what was shown. If the settings have changed since the batch was held, or a check now has other figures, the answer is 409 with the batch and its new figures, and a second call approves these. If contacts change between the approval and the import, the new batch is held.',
    query: { schema: approvalQuery },
    answers: {
      202: STARTED,
      404: NOT_FOUND,
      409: done(
        'Not held, a run of this team is in progress, or other figures than were shown: `batch` has the new ones.',
      ),
      422: done('A required field is not mapped.'),
      429: done('Other checks were in progress for too long, or too many of this team waited.'),
    },
  },
  'POST /api/batches/:id/discard': {
    tag: 'Batches',
    summary: 'Discard a held batch',
    description: 'The file stays in place and is not imported automatically.',
    answers: { 204: done('Discarded.'), 404: NOT_FOUND, 409: done('Not held.') },
  },
  'GET /api/batches/:id/undo': {
    tag: 'Batches',
    summary: 'Preview an undo',
    answers: {
      200: json('What an undo would do now.', undoFigures),
      404: NOT_FOUND,
      409: done('The batch cannot be undone.'),
    },
  },
  'POST /api/batches/:id/undo': {
    tag: 'Batches',
    summary: 'Undo a batch',
    description:
      'Updated contacts get their previous values back; created contacts are removed. Contacts that a later batch or a person changed since stay as they are and are listed. Possible for 30 days, while no run of the team is in progress. The undo runs in the background and is applied completely or not at all. Until it ends the batch has `undo`; then its state is `undone` and `undone` has the figures. A second request in the meantime gets the same answer.',
    answers: {
      202: json('Undo started; `Location` is the address of the batch.', startedRun),
      404: NOT_FOUND,
      409: done('Already undone, too old to undo, or a run of this team is in progress.'),
    },
  },
  'GET /api/teams/:team/runs': {
    tag: 'Runs',
    summary: 'List the runs of a team',
    query: { schema: runsQuery, example: { limit: '5' } },
    answers: { 200: json('Newest first, with their batches.', pageOf(run)), 404: NO_TEAM },
  },
  'GET /api/runs/:id': {
    tag: 'Runs',
    summary: 'Show a run with its batches',
    answers: { 200: json('The run.', run), 404: NOT_FOUND },
  },
  'GET /api/batches/:id': {
    tag: 'Batches',
    summary: 'Show a batch',
    answers: { 200: json('The batch.', batch), 404: NOT_FOUND },
  },
  'GET /api/batches/:id/errors': {
    tag: 'Batches',
    summary: 'List the rejected records of a batch',
    query: { schema: recordErrorsQuery, example: { limit: '10' } },
    answers: { 200: json('Ordered by line.', recordErrors), 404: NOT_FOUND },
  },
  'GET /api/batches/:id/errors.csv': {
    tag: 'Batches',
    summary: 'Download the error file',
    description:
      'The rejected records with their errors, to correct and upload again. If more were rejected than are kept, the last record says how many.',
    answers: { 200: file('With the delimiter of the imported file.', CSV_TYPE), 404: NOT_FOUND },
  },
}

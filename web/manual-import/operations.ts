import { runInProgress, startedRun } from '../openapi/answers.ts'
import { done, json, NO_TEAM, type Operations } from '../openapi/operation.ts'
import { manualImportQuery } from './api.ts'

export const manualImportOperations: Operations = {
  'PUT /api/teams/:team/manual-import': {
    tag: 'Runs',
    summary: 'Manual Import: import the file in the body',
    description: 'Send the raw file as the body, of any size. It is streamed to disk, not held in memory.',
    path: { team: 'bursar' },
    query: { schema: manualImportQuery, example: { fileName: 'StudentData.csv' } },
    rawBody: { type: 'application/octet-stream', example: 'Student ID,First,Last,Cell\n1001,Ann,Lee,7165550101\n' },
    answers: {
      202: json('Run started.', startedRun),
      404: NO_TEAM,
      409: json('A run or an undo of this team is in progress.', runInProgress),
      507: done('The quota of the team is used up, or the disk is nearly full.'),
    },
  },
}

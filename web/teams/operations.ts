import { z } from 'zod'
import { count, moment, pageOf, teamSlug, teamUser, text } from '../openapi/answers.ts'
import { done, json, NO_TEAM, type Operations, OWNERS_ONLY } from '../openapi/operation.ts'
import { newTeam, teamChanges, teamsQuery } from './api.ts'
import { users } from './users-api.ts'

const team = z
  .object({
    team: teamSlug,
    name: text.describe('Name of the team, shown on pages and in recap subjects.'),
    timeZone: text.describe('IANA time zone of the daily windows, for example `America/New_York`.'),
    quotaBytes: count.describe('Most bytes that its files may take.'),
    quotaFiles: count.describe('Most files that it may keep.'),
    ftpStrictClose: z
      .boolean()
      .describe('True if an FTPS upload counts as complete only when the client closes TLS properly.'),
    createdAt: moment.describe('When the team was created.'),
  })
  .meta({ id: 'Team', description: 'A team with its own folders, FTP accounts, import settings and contacts.' })

export const teamOperations: Operations = {
  'POST /api/teams': {
    tag: 'Teams',
    summary: 'Create a team (owners only)',
    body: { schema: newTeam, example: { team: 'registrar', name: 'Registrar', timeZone: 'America/New_York' } },
    answers: { 201: json('The team.', team), 403: OWNERS_ONLY, 409: done('The short name is taken.') },
  },
  'GET /api/teams': {
    tag: 'Teams',
    summary: 'List your teams',
    query: { schema: teamsQuery, example: { limit: '10' } },
    answers: { 200: json('Ordered by short name.', pageOf(team)) },
  },
  'GET /api/teams/:team': {
    tag: 'Teams',
    summary: 'Show a team',
    answers: { 200: json('The team.', team), 404: NO_TEAM },
  },
  'PATCH /api/teams/:team': {
    tag: 'Teams',
    summary: 'Update a team',
    body: { schema: teamChanges, example: { name: 'Admissions Office', quotaBytes: 21_474_836_480 } },
    answers: { 200: json('The updated team.', team), 404: NO_TEAM },
  },
  'DELETE /api/teams/:team': {
    tag: 'Teams',
    summary: 'Delete a team and all its data (owners only)',
    description:
      'Its files are moved aside, out of reach of a later team with the same short name. Mobile numbers that opted out are kept as keyed hashes, and count for a later team with the same short name.',
    path: { team: 'former' },
    answers: { 204: done('Deleted.'), 404: NO_TEAM, 409: done('A run or an undo of this team is in progress.') },
  },
  'GET /api/teams/:team/users': {
    tag: 'Team users',
    summary: 'List the users of a team',
    description: 'Contacts with the Staff ID of a user are assigned to that user.',
    answers: { 200: json('All users.', z.array(teamUser)), 404: NO_TEAM },
  },
  'PUT /api/teams/:team/users': {
    tag: 'Team users',
    summary: 'Replace the users of a team',
    body: { schema: users, example: [{ staffId: 's77', name: 'Inga Berg', email: 'inga.berg@example.edu' }] },
    answers: { 200: json('The saved users.', z.array(teamUser)), 404: NO_TEAM },
  },
}

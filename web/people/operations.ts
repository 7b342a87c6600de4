import { z } from 'zod'
import type { Person } from '../../store/people/people.ts'
import { id, type Like, moment, pageOf, session, text } from '../openapi/answers.ts'
import { done, json, NOT_FOUND, type Operations, OWNERS_ONLY, TOO_MANY_MAILS } from '../openapi/operation.ts'
import { newPerson, peopleQuery, personChanges, serverSettingsChanges } from './api.ts'

const person = z
  .object({
    id: id.describe('ID of the person.'),
    email: text.describe('E-mail address, used to sign in.'),
    name: text.describe('Name; empty if not given.'),
    role: z.enum(['owner', 'admin']).describe('`owner`: all teams, people and settings. `admin`: the assigned teams.'),
    teams: z.array(text).describe('Short names of the assigned teams. Owners can access all teams.'),
    state: z.enum(['invited', 'active']).describe('`invited`: no password set yet. `active`: can sign in.'),
    secondFactor: z.enum(['off', 'on']).describe('Whether the person uses a second factor.'),
    secondFactorRequired: z.boolean().describe('True if this person must use a second factor.'),
    createdAt: moment.describe('When the person was invited.'),
    lastSeenAt: moment.nullable().describe('Last request of the person; null if none is known.'),
  })
  .meta({ id: 'Person', description: 'A person who can sign in.' }) satisfies Like<Person>

const invitation = z.object({
  invitation: z
    .object({
      expiresAt: moment.describe('When the link expires, 72 hours after it was created.'),
      link: text.nullable().describe('The link, if no mail server is set up; null if it was sent by e-mail.'),
    })
    .describe('The link with which the person sets a password.'),
})

const serverSettings = z.object({
  secondFactor: z
    .enum(['optional', 'required'])
    .describe('`optional`: each person decides. `required`: everyone must use a second factor.'),
})

export const peopleOperations: Operations = {
  'GET /api/people': {
    tag: 'People',
    summary: 'List people (owners only)',
    query: { schema: peopleQuery, example: { limit: '2' } },
    answers: { 200: json('Ordered by e-mail address.', pageOf(person)), 403: OWNERS_ONLY },
  },
  'POST /api/people': {
    tag: 'People',
    summary: 'Invite a person',
    description:
      'Sends a link that works once and expires after 72 hours. If no mail server is set up, the answer holds the link.',
    body: {
      schema: newPerson,
      example: { email: 'kim@example.edu', name: 'Kim Vega', role: 'admin', teams: ['admissions'] },
    },
    answers: {
      201: json('The person and the invitation.', person.and(invitation)),
      409: done('The e-mail address is taken.'),
      429: TOO_MANY_MAILS,
    },
  },
  'GET /api/people/:id': {
    tag: 'People',
    summary: 'Show a person',
    answers: { 200: json('The person.', person), 404: NOT_FOUND },
  },
  'PATCH /api/people/:id': {
    tag: 'People',
    summary: "Update a person's name, role and requirements",
    description: '`teams` replaces the assigned teams.',
    body: { schema: personChanges, example: { teams: ['admissions', 'bursar'], secondFactorRequired: false } },
    answers: { 200: json('The updated person.', person), 409: done('The last owner must stay an owner.') },
  },
  'DELETE /api/people/:id': {
    tag: 'People',
    summary: 'Delete a person with all sessions and tokens',
    path: { id: 'be450000-0000-4000-8000-000000000002' },
    answers: { 204: done('Deleted.'), 409: done('The last owner cannot be deleted.') },
  },
  'POST /api/people/:id/invitation': {
    tag: 'People',
    summary: 'Create a new link to set a password',
    description: 'The old link stops working.',
    answers: {
      201: json('The new link.', invitation),
      429: TOO_MANY_MAILS,
    },
  },
  'DELETE /api/people/:id/second-factor': {
    tag: 'People',
    summary: "Turn off a person's second factor",
    answers: { 204: done('Off.') },
  },
  'GET /api/people/:id/sessions': {
    tag: 'People',
    summary: "List a person's sessions",
    answers: { 200: json('Open sessions.', pageOf(session)) },
  },
  'DELETE /api/people/:id/sessions': {
    tag: 'People',
    summary: "End all of a person's sessions",
    answers: { 204: done('Ended.') },
  },
  'DELETE /api/people/:id/sessions/:session': {
    tag: 'People',
    summary: "End one of a person's sessions",
    path: { session: '5e551015-0000-4000-8000-000000000002' },
    answers: { 204: done('Ended.'), 404: NOT_FOUND },
  },
  'GET /api/installation': {
    tag: 'People',
    summary: 'Show the server settings',
    answers: { 200: json('The settings.', serverSettings) },
  },
  'PATCH /api/installation': {
    tag: 'People',
    summary: 'Change server settings',
    description: 'With `"secondFactor": "required"` people without a second factor must set one up at next sign-in.',
    body: { schema: serverSettingsChanges, example: { secondFactor: 'optional' } },
    answers: { 200: json('The changed settings.', serverSettings) },
  },
}

import { z } from 'zod'
import { newPassword, secondFactorCode, withPassword } from '../account/api.ts'
import { newToken } from '../account/tokens-api.ts'
import { installationChanges, newPerson, peopleQuery, personChanges } from '../people/api.ts'
import { credentials } from '../sign-in/api.ts'
import { acceptedInvitation } from '../sign-in/invitations.ts'
import { apiToken, count, invitation, pageOf, person, session, whoAmI } from './answers.ts'
import { done, json, type Operation } from './operation.ts'

const PASSWORD = 'four unlike words here'
const secondFactorState = z.object({ state: z.enum(['on', 'off']), recoveryCodesLeft: count })
/** Ten, each of which works once in the place of a code of the app. */
const recoveryCodes = z.array(z.string())
const installation = z.object({ secondFactor: z.enum(['optional', 'required']) })

/** Who gets in, and what they do with their own account. */
export const ACCESS_OPERATIONS: Record<string, Operation> = {
  'POST /api/session': {
    tag: 'Sign-in',
    summary: 'Sign in',
    description:
      '`code` is asked for where a second factor is on: then a right password alone is answered by 401. After a sign-in with the password that the server printed at its start everything but `PUT /api/password` is answered by 403.',
    open: true,
    body: { schema: credentials, example: { email: 'dana@example.edu', password: 'correct horse battery' } },
    answers: {
      204: done('Signed in; the session is in the cookie.'),
      401: done('Not right.'),
      429: done('Too many tries; `Retry-After` says when.'),
    },
  },
  'GET /api/session': {
    tag: 'Sign-in',
    summary: 'Who asks, and what they see',
    answers: { 200: json('The person, or the one whose token it is.', whoAmI) },
  },
  'DELETE /api/session': { tag: 'Sign-in', summary: 'Sign out', answers: { 204: done('The session has ended.') } },
  'POST /api/session/proof': {
    tag: 'Sign-in',
    summary: 'Give the password again',
    description: 'For half an hour the session then does what makes a lasting way in: tokens, owners, links.',
    body: { schema: withPassword, example: { password: 'correct horse battery' } },
    answers: { 204: done('It is right.'), 403: done('A token cannot do this.') },
  },
  'POST /api/invitation': {
    tag: 'Sign-in',
    summary: 'Choose a password by the link of an invitation',
    open: true,
    body: { schema: acceptedInvitation, example: { token: 'the-last-part-of-the-link', password: PASSWORD } },
    answers: {
      204: done('The password is set; the link is used up.'),
      404: done('The link was used, or it is too old.'),
    },
  },
  'GET /api/sessions': {
    tag: 'Own account',
    summary: 'Own sessions',
    answers: { 200: json('Those that are open, the last used first.', pageOf(session)) },
  },
  'DELETE /api/sessions': {
    tag: 'Own account',
    summary: 'End all own sessions but this one',
    answers: { 204: done('They have ended.') },
  },
  'DELETE /api/sessions/:id': {
    tag: 'Own account',
    summary: 'End one of the own sessions',
    path: { id: '5e551015-0000-4000-8000-000000000001' },
    answers: { 204: done('It has ended.'), 404: done('There is none of that id.') },
  },
  'PUT /api/password': {
    tag: 'Own account',
    summary: 'Change the own password',
    description:
      'Ends the other sessions. 12 to 128 characters, not the present one; passwords that anyone would guess are refused.',
    body: { schema: newPassword, example: { current: 'correct horse battery', password: PASSWORD } },
    answers: { 204: done('Changed.'), 403: done('A token cannot do this.') },
  },
  'GET /api/second-factor': {
    tag: 'Own account',
    summary: 'Whether the own second factor is on',
    answers: { 200: json('Its state.', secondFactorState) },
  },
  'POST /api/second-factor': {
    tag: 'Own account',
    summary: 'Begin to set up a second factor (TOTP, RFC 6238)',
    body: { schema: withPassword, example: { password: 'correct horse battery' } },
    answers: {
      201: json('What an authenticator app takes; shown once.', z.object({ secret: z.string(), uri: z.string() })),
      409: done('It is on already.'),
    },
  },
  'PUT /api/second-factor': {
    tag: 'Own account',
    summary: 'Turn the second factor on with a first code',
    body: { schema: secondFactorCode, example: { code: '287082' } },
    answers: {
      200: json(
        'It is on. The recovery codes are shown this once.',
        z.object({ state: z.enum(['on', 'off']), recoveryCodes }),
      ),
      409: done('There is none to confirm.'),
    },
  },
  'DELETE /api/second-factor': {
    tag: 'Own account',
    summary: 'Turn the second factor off',
    body: { schema: withPassword, example: { password: 'correct horse battery' } },
    answers: { 204: done('It is off.') },
  },
  'POST /api/recovery-codes': {
    tag: 'Own account',
    summary: 'Make new recovery codes; the former ones end',
    body: { schema: withPassword, example: { password: 'correct horse battery' } },
    answers: {
      201: json(
        'Ten codes, shown this once. Each is given once as `code` at the sign-in.',
        z.object({ recoveryCodes }),
      ),
      409: done('No second factor is on.'),
    },
  },
  'POST /api/tokens': {
    tag: 'Tokens',
    summary: 'Make a token for a program',
    body: { schema: newToken, example: { name: 'SIS job', team: 'admissions', access: 'read_only' } },
    answers: {
      403: done('The session gave its password more than half an hour ago.'),
      201: json('The token, shown this once.', z.object({ id: z.guid(), name: z.string(), token: z.string() })),
    },
  },
  'GET /api/tokens': {
    tag: 'Tokens',
    summary: 'Own tokens',
    answers: { 200: json('Oldest first, without what they are made of.', pageOf(apiToken)) },
  },
  'DELETE /api/tokens/:id': {
    tag: 'Tokens',
    summary: 'Remove a token',
    path: { id: '70cec000-0000-4000-8000-000000000001' },
    answers: { 204: done('It opens nothing any more.'), 404: done('There is none of that id.') },
  },
  'GET /api/people': {
    tag: 'People',
    summary: 'The administrators, for owners',
    query: { schema: peopleQuery, example: { limit: '2' } },
    answers: { 200: json('By e-mail address.', pageOf(person)), 403: done('Not an owner.') },
  },
  'POST /api/people': {
    tag: 'People',
    summary: 'Invite somebody',
    description:
      'They get a mail with a link that works once, for three days. Where no mail leaves this machine the answer holds the link.',
    body: {
      schema: newPerson,
      example: { email: 'kim@example.edu', name: 'Kim Vega', role: 'admin', teams: ['admissions'] },
    },
    answers: {
      201: json('The person, with the link where it has to be handed over.', person.and(invitation)),
      409: done('The address is taken.'),
    },
  },
  'GET /api/people/:id': {
    tag: 'People',
    summary: 'One administrator',
    answers: { 200: json('The person.', person), 404: done('There is none of that id.') },
  },
  'PATCH /api/people/:id': {
    tag: 'People',
    summary: 'Change what somebody is called, may do and must do',
    description: '`teams` replaces the teams that were given to them.',
    body: { schema: personChanges, example: { teams: ['admissions', 'bursar'], secondFactorRequired: false } },
    answers: { 200: json('The person as changed.', person), 409: done('The only owner stays one.') },
  },
  'DELETE /api/people/:id': {
    tag: 'People',
    summary: 'Remove somebody, with their sessions and tokens',
    path: { id: 'be450000-0000-4000-8000-000000000002' },
    answers: { 204: done('Removed.'), 409: done('The only owner stays.') },
  },
  'POST /api/people/:id/invitation': {
    tag: 'People',
    summary: 'Make a new link by which somebody chooses a password',
    answers: { 201: json('Until when it works; the former link has ended.', invitation) },
  },
  'DELETE /api/people/:id/second-factor': {
    tag: 'People',
    summary: 'Turn the second factor of somebody off who lost it',
    answers: { 204: done('It is off.') },
  },
  'GET /api/people/:id/sessions': {
    tag: 'People',
    summary: 'The sessions of somebody',
    answers: { 200: json('Those that are open.', pageOf(session)) },
  },
  'DELETE /api/people/:id/sessions': {
    tag: 'People',
    summary: 'End all sessions of somebody',
    answers: { 204: done('They have ended.') },
  },
  'DELETE /api/people/:id/sessions/:session': {
    tag: 'People',
    summary: 'End one session of somebody',
    path: { session: '5e551015-0000-4000-8000-000000000002' },
    answers: { 204: done('It has ended.'), 404: done('There is none of that id.') },
  },
  'GET /api/installation': {
    tag: 'People',
    summary: 'What holds for the whole installation',
    answers: { 200: json('Its rules.', installation) },
  },
  'PATCH /api/installation': {
    tag: 'People',
    summary: 'Change what holds for the whole installation',
    description: 'With `"secondFactor": "required"` nobody does anything before they have set one up.',
    body: { schema: installationChanges, example: { secondFactor: 'optional' } },
    answers: { 200: json('Its rules as changed.', installation) },
  },
}

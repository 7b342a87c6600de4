import { z } from 'zod'
import type { OpenSession } from '../../store/people/sessions.ts'
import type { ApiToken } from '../../store/people/tokens.ts'
import { count, id, type Like, moment, pageOf, session, text } from '../openapi/answers.ts'
import { done, json, NOT_FOUND, type Operations } from '../openapi/operation.ts'
import { newPassword, secondFactorCode, withPassword } from './api.ts'
import { newToken } from './tokens-api.ts'

const NO_TOKEN = done('Not possible with a token.')

const onOrOff = z.enum(['on', 'off']).describe('`on`: a code is required at each sign-in. `off`: it is not.')
const recoveryCodes = z
  .array(z.string())
  .describe('Ten codes. Each can be used once, as `code` at sign-in, instead of a code of the app.')

const apiToken = z
  .object({
    id: id.describe('ID of the token.'),
    name: text.describe('Name of the token.'),
    team: text.nullable().describe('Short name of the only team that it can access; null for all teams of its owner.'),
    access: z.enum(['full', 'read_only']).describe('`full`: read and change. `read_only`: read only.'),
    createdAt: moment.describe('When it was created.'),
    lastUsedAt: moment.nullable().describe('Last request made with it; null if never used.'),
  })
  .meta({ id: 'ApiToken', description: 'An API token, without its secret.' }) satisfies Like<ApiToken>

const whoAmI = z.object({
  email: text.describe('E-mail address of the person, or of the owner of the token.'),
  role: z.enum(['owner', 'admin']).describe('`owner`: all teams, people and settings. `admin`: the assigned teams.'),
  token: text.nullable().describe('Name of the token; null with a session.'),
  readOnly: z.boolean().describe('True for a token that can only read.'),
  teams: z
    .union([z.literal('all'), z.array(text)])
    .describe('`all`, or the short names of the teams that can be accessed.'),
  mustChangePassword: z
    .boolean()
    .describe('True after a sign-in with a printed password: choose another with `PUT /api/password` first.'),
  secondFactorMissing: z.boolean().describe('True if a second factor must be set up before anything else.'),
})

const example = { password: 'correct horse battery' }

export const accountOperations: Operations = {
  'GET /api/session': {
    tag: 'Sign-in',
    summary: 'Show who is signed in and what they can access',
    answers: { 200: json('The person, or the owner of the token.', whoAmI) },
  },
  'DELETE /api/session': { tag: 'Sign-in', summary: 'Sign out', answers: { 204: done('Signed out.') } },
  'POST /api/session/proof': {
    tag: 'Sign-in',
    summary: 'Confirm the password',
    description: 'For the next 30 minutes the session may create tokens, owners and invitation links.',
    body: { schema: withPassword, example },
    answers: { 204: done('Confirmed.'), 403: NO_TOKEN },
  },
  'GET /api/sessions': {
    tag: 'Own account',
    summary: 'List your sessions',
    answers: { 200: json('Open sessions, last used first.', pageOf(session satisfies Like<OpenSession>)) },
  },
  'DELETE /api/sessions': {
    tag: 'Own account',
    summary: 'End all your other sessions',
    answers: { 204: done('Ended.') },
  },
  'DELETE /api/sessions/:id': {
    tag: 'Own account',
    summary: 'End one of your sessions',
    path: { id: '5e551015-0000-4000-8000-000000000001' },
    answers: { 204: done('Ended.'), 404: NOT_FOUND },
  },
  'PUT /api/password': {
    tag: 'Own account',
    summary: 'Change your password',
    description:
      'Ends your other sessions. 12 to 128 characters, not the current one; passwords that are easy to guess are refused.',
    body: {
      schema: newPassword,
      example: { current: 'correct horse battery', password: 'four unlike words here' },
    },
    answers: { 204: done('Changed.'), 403: NO_TOKEN },
  },
  'GET /api/second-factor': {
    tag: 'Own account',
    summary: 'Show your second factor',
    answers: {
      200: json(
        'Its state.',
        z.object({ state: onOrOff, recoveryCodesLeft: count.describe('Recovery codes not used yet.') }),
      ),
    },
  },
  'POST /api/second-factor': {
    tag: 'Own account',
    summary: 'Start to set up a second factor (TOTP, RFC 6238)',
    body: { schema: withPassword, example },
    answers: {
      201: json(
        'The key for an authenticator app, shown only once.',
        z.object({
          secret: z.string().describe('The key in Base32, to type into the app.'),
          uri: z.string().describe('The same as an `otpauth:` address, to show as a QR code.'),
        }),
      ),
      409: done('Already on.'),
    },
  },
  'PUT /api/second-factor': {
    tag: 'Own account',
    summary: 'Turn on your second factor with a first code',
    body: { schema: secondFactorCode, example: { code: '287082' } },
    answers: {
      200: json('On. The recovery codes are shown only once.', z.object({ state: onOrOff, recoveryCodes })),
      409: done('Not started.'),
    },
  },
  'DELETE /api/second-factor': {
    tag: 'Own account',
    summary: 'Turn off your second factor',
    body: { schema: withPassword, example },
    answers: { 204: done('Off.') },
  },
  'POST /api/recovery-codes': {
    tag: 'Own account',
    summary: 'Replace your recovery codes',
    description: 'The old codes stop working.',
    body: { schema: withPassword, example },
    answers: {
      201: json('The new codes, shown only once.', z.object({ recoveryCodes })),
      409: done('The second factor is off.'),
    },
  },
  'POST /api/tokens': {
    tag: 'Tokens',
    summary: 'Create a token',
    body: { schema: newToken, example: { name: 'SIS job', team: 'admissions', access: 'read_only' } },
    answers: {
      403: done('The password was last entered more than 30 minutes ago.'),
      201: json(
        'The token, shown only once.',
        z.object({
          id: z.guid().describe('ID of the token.'),
          name: z.string().describe('Name of the token.'),
          token: z.string().describe('The token itself, for `Authorization: Bearer`.'),
        }),
      ),
    },
  },
  'GET /api/tokens': {
    tag: 'Tokens',
    summary: 'List your tokens',
    answers: { 200: json('Oldest first.', pageOf(apiToken)) },
  },
  'DELETE /api/tokens/:id': {
    tag: 'Tokens',
    summary: 'Revoke a token',
    path: { id: '70cec000-0000-4000-8000-000000000001' },
    answers: { 204: done('Revoked.'), 404: NOT_FOUND },
  },
}

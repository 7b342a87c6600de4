import { done, type Operations } from '../openapi/operation.ts'
import { credentials } from './api.ts'
import { acceptedInvitation } from './invitations.ts'

export const signInOperations: Operations = {
  'POST /api/session': {
    tag: 'Sign-in',
    summary: 'Sign in',
    description:
      'Sets the session cookie. If the person uses a second factor, send `code` too: without it a correct password is answered with 401. After a sign-in with a printed password, everything but `PUT /api/password` is answered with 403.',
    open: true,
    body: { schema: credentials, example: { email: 'dana@example.edu', password: 'correct horse battery' } },
    answers: {
      204: done('Signed in; the session is in the cookie.'),
      401: done('Wrong e-mail address, password or code.'),
      429: done('Too many tries. `Retry-After` says when to try again.'),
    },
  },
  'POST /api/invitation': {
    tag: 'Sign-in',
    summary: 'Accept an invitation and set a password',
    open: true,
    body: {
      schema: acceptedInvitation,
      example: { token: 'the-last-part-of-the-link', password: 'four unlike words here' },
    },
    answers: {
      204: done('Password set; the link cannot be used again.'),
      404: done('The link was used, has expired, or was replaced by a newer one.'),
    },
  },
}

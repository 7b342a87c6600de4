import { html } from 'hono/html'
import type { Person } from '../../store/people/people.ts'

/** The e-mail with a link to set a password. */
export function invitationMail(person: Person, link: string, hours: number) {
  const what =
    person.state === 'invited'
      ? 'You have been given access to Rosterport, which imports contact files from the student information system.'
      : 'An owner of Rosterport created a link for you to set a new password.'
  const last = `The link works once and expires after ${hours} hours. If you did not expect it, do not use it and tell the owner of your server.`
  return {
    subject: person.state === 'invited' ? 'Your access to Rosterport' : 'A new password for Rosterport',
    text: `${what}\n\nChoose a password here:\n${link}\n\n${last}\n`,
    html: String(
      html`<!doctype html><html lang="en"><body><p>${what}</p><p><a href="${link}">Choose a password</a></p><p>${last}</p></body></html>`,
    ),
  }
}

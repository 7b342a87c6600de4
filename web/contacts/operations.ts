import { z } from 'zod'
import type { Contact } from '../../model/contact.ts'
import { CSV_TYPE } from '../http/answers/attachment.ts'
import { id, type Like, moment, pageOf, teamUser, text } from '../openapi/answers.ts'
import { file, json, NO_TEAM, NOT_FOUND, type Operations } from '../openapi/operation.ts'
import { contactChange, contactsQuery } from './api.ts'

const contact = z
  .object({
    contactId: text.describe('Contact ID, unique within the team. Case matters; leading zeros are kept.'),
    firstName: text.describe('First name.'),
    lastName: text.describe('Last name.'),
    mobileNumber: text.describe('Mobile number in E.164, for example `+17165550101`.'),
    mobileDisplay: text.describe('Mobile number as pages show it, for example `1-716-555-0101`.'),
    staffId: text.nullable().describe('Staff ID from the file; null if empty.'),
    assignedTo: teamUser.nullable().describe('User with this Staff ID; null if there is none.'),
    optOut: z
      .object({
        state: z
          .enum(['opted_in', 'opted_out'])
          .describe('`opted_in`: may receive text messages. `opted_out`: may not.'),
        source: z
          .enum(['default', 'import', 'admin', 'contact'])
          .describe(
            'Who set it. `default`: the first import, without a value. `import`: a value in a file. `admin`: an administrator. `contact`: the person, for example with STOP.',
          ),
        changedAt: moment.describe('When it was set.'),
      })
      .describe('Opt-out preference.'),
    customFields: z.record(text, text).describe('Values of the additional fields, by field name.'),
    createdAt: moment.describe('When the contact was first imported.'),
    updatedAt: moment.describe('When the contact last changed.'),
    lastBatchId: id.nullable().describe('Batch that last changed the contact; null if that was not an import.'),
  })
  .meta({ id: 'Contact', description: 'A contact of a team.' }) satisfies Like<Contact>

export const contactOperations: Operations = {
  'GET /api/teams/:team/contacts': {
    tag: 'Contacts',
    summary: 'List or search the contacts of a team',
    query: { schema: contactsQuery, example: { search: 'lee', limit: '10' } },
    answers: { 200: json('Ordered by Contact ID.', pageOf(contact)), 404: NO_TEAM },
  },
  'GET /api/teams/:team/contacts.csv': {
    tag: 'Contacts',
    summary: 'Download all contacts of a team',
    answers: {
      200: file('Ordered by Contact ID. Values that a spreadsheet would run as a formula are made harmless.', CSV_TYPE),
      404: NO_TEAM,
    },
  },
  'GET /api/teams/:team/contacts/:contactId': {
    tag: 'Contacts',
    summary: 'Show a contact',
    answers: { 200: json('The contact.', contact), 404: NOT_FOUND },
  },
  'PATCH /api/teams/:team/contacts/:contactId': {
    tag: 'Contacts',
    summary: 'Set the opt-out preference of a contact',
    description:
      'A messaging system reports STOP of a person with `"source": "contact"`. An opt-out counts for every contact of the team with this mobile number, also for those to come; an opt-in for this contact alone.',
    body: { schema: contactChange, example: { optOut: { state: 'opted_out', source: 'contact' } } },
    answers: { 200: json('The changed contact.', contact), 404: NOT_FOUND },
  },
}

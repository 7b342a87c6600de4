import { describe, expect, test } from 'vitest'
import type { ProposedField } from '../../../ingest/proposing/name-signs.ts'
import { proposeColumns } from '../../../ingest/proposing/propose-columns.ts'
import { sampledHeader } from './sampled-header.ts'

/** Names of columns that are not the field, though their values look just like it. */
const DECOYS: Record<'contactId' | 'mobileNumber' | 'optOut', { kind: string; names: string }> = {
  mobileNumber: {
    kind: 'cell',
    names:
      'Home Phone|Parent Mobile|Emergency Contact|Emergency Cell|EMERG_CELL_PHONE|MothersCell|Mom Cell|DADCELL|Guardian 1 Mobile|Cell (Father)|NOK_MOBILE|Next of Kin Cell|Spouse Cell|Roommate Cell|Coach Cell|Advisor Mobile|Billing Mobile|Work Cell|Preferred Contact|Preferred Phone|Phone|Primary Phone|Contact Mobile|Cell 2|Alternate Cell|Old Mobile|Message Phone|Reference Mobile|Cell Phone Type|Mobile Provider|Mobile Verified Date|Buddy Cell|P1 Cell|Landlord Cell|Cell Opt In|Text|SMS|SORFOLK_CELL_PHONE|SPREMRG_PHONE_NUMBER|EC_CELL|ICE Mobile|EmployerMobile|Household Cell|XCELL|HMPHONE|PrntCell|Student Emergency Cell|Cell of Parent|Agent Mobile|Proxy Mobile',
  },
  contactId: {
    kind: 'bid',
    names:
      'Advisor ID|STAFF_ID|Coach ID|Term ID|Program ID|Course ID|CRN|Application ID|APPL_NBR|Parent ID|Spouse ID Number|Roommate ID|Buddy ID|Sibling Student ID|Old Student ID|Alternate ID|Previous ID|NetID|User ID|Login|PIDM|SPRIDEN_PIDM|Record ID|Row ID|GUID|SSN|Tax ID|SEVIS ID|Passport Number|Card ID|Student ID Card|Library ID|Locker Number|Account Number|Household ID|Organization ID|School ID|High School ID|CEEB Code|Device ID|Housing ID|Room Number|Phone ID|Email ID|Mobile|Contact|Emergency Contact ID|Primary Contact ID|Preferred Contact|Student Type ID|Student Group ID|Recruiter Number|Salesforce ID|Batch ID|Sponsor ID|Donor ID|Employer ID|Referrer ID',
  },
  optOut: {
    kind: 'pref:Y/N',
    names:
      'Email Opt Out|EMAIL_OPT_IN|Mailing Opt Out|Call Opt Out|Do Not Call|Do Not Mail|Do Not Contact|Opt Out|Opt In|OPTOUT|Consent|Phone Opt Out|Voice Opt Out|Push Opt In|Marketing Text Opt In|Fundraising Text Opt Out|Emergency Text Opt Out|Parent Text Opt In|Text Opt Out Date|Text Opt Out Reason|SMS Opt Out Source|Photo Consent|FERPA Consent|Directory Opt Out|Textbook Opt Out|TEXTBOOK_OPT_OUT|Text Book Opt Out|Not Opted In To Texts|No SMS Opt Out|SMS Consent Withdrawn|SMS Opt In Declined|Text Opt In/Out|SMS Opt|SMS Status|Text Preference|SMS Flag|Text|Do Not Remove Text|App Opt In|WhatsApp Opt In|Email/Text Opt Out|Insurance Opt Out|Health Plan Opt Out|Text Alert Opt In|SMS Carrier|Texts Sent|Preferred Contact|Privacy Flag|Cell Opt In|Phone Can Receive Texts|SMS Verified|Guardian SMS Consent|Staff Text Opt Out',
  },
}

for (const [field, { kind, names }] of Object.entries(DECOYS))
  describe(`never confident for ${field}`, () => {
    test.each(names.split('|'))('%s', (name) => {
      const proposal = proposeColumns(sampledHeader(`${name} ${kind}`).columns)[field as ProposedField]
      expect(proposal?.confidence).not.toBe('confident')
    })
  })

/** The same values under names that say it: a test that nothing passes would prove nothing. */
test.each([
  ['mobileNumber', 'Cell Phone', 'cell'],
  ['mobileNumber', 'MOBILE_PHONE_NBR', 'cell'],
  ['contactId', 'STU_ID', 'bid'],
  ['contactId', 'EMPLID', 'bid'],
  ['optOut', 'SMS Opt Out', 'pref:Y/N'],
  ['optOut', 'Text Opt-In', 'pref:N/Y'],
] as const)('confident for %s: %s', (field, name, kind) => {
  expect(proposeColumns(sampledHeader(`${name} ${kind}`).columns)[field]?.confidence).toBe('confident')
})

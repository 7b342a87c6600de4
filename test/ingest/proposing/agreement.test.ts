import { expect, test } from 'vitest'
import { agreementWith } from '../../../ingest/proposing/agreement.ts'
import { proposeColumns } from '../../../ingest/proposing/propose-columns.ts'

const LAST = ['Lee', 'Ray', 'Fox', 'Kim', 'Poe', 'Day']
const IDS = LAST.map((_, n) => `A0${n}`)
const NUMBERS = LAST.map((_, n) => `716555010${n}`)
const known = new Map(
  IDS.map((contactId, n) => [
    contactId,
    {
      contactId,
      firstName: 'Ann',
      lastName: LAST[n] as string,
      mobileNumber: `+1${NUMBERS[n]}`,
      staffId: null,
    },
  ]),
)
const column = (name: string, values: readonly string[]) => ({ name, values })
const id = column('ID', IDS)
const last = column('Last', LAST)
const reversed = (values: readonly string[]) => [...values].reverse()

test('of two numbers the one that the contacts have is proposed', () => {
  const columns = [column('Text Number', reversed(NUMBERS)), column('Cell', NUMBERS)]
  expect(proposeColumns(columns).mobileNumber?.confidence).toBe('possible')
  const proposal = proposeColumns(columns, ['mobileNumber'], agreementWith(known, { contactId: id })).mobileNumber
  expect(proposal).toMatchObject({ column: 'Cell', confidence: 'confident' })
})

test('a number that the contacts do not have is not proposed with confidence, whatever its name', () => {
  const columns = [column('Cell Phone', reversed(NUMBERS))]
  expect(proposeColumns(columns).mobileNumber?.confidence).toBe('confident')
  const proposal = proposeColumns(columns, ['mobileNumber'], agreementWith(known, { contactId: id })).mobileNumber
  expect(proposal?.confidence).toBe('possible')
})

test('a column of known Contact IDs is the Contact ID only if the rest of the record is that of the contact', () => {
  const columns = [column('Buddyref ID', reversed(IDS)), column('Personref', IDS)]
  const proposal = proposeColumns(columns, ['contactId'], agreementWith(known, { lastName: last })).contactId
  expect(proposal?.column).toBe('Personref')
  expect(agreementWith(known, { lastName: last })('contactId', column('x', reversed(IDS)))).toEqual({
    compared: 6,
    equal: 0,
  })
})

test('a name that is something else is never sure, even if its values are those of the contacts', () => {
  const columns = [column('Home Phone', NUMBERS)]
  const proposal = proposeColumns(columns, ['mobileNumber'], agreementWith(known, { contactId: id })).mobileNumber
  expect(proposal).toMatchObject({ column: 'Home Phone', confidence: 'possible' })
})

test('fewer than five contacts prove nothing', () => {
  const few = new Map([...known].slice(0, 4))
  const columns = [column('Home Phone', NUMBERS)]
  expect(proposeColumns(columns, ['mobileNumber'], agreementWith(few, { contactId: id })).mobileNumber).toBeUndefined()
})

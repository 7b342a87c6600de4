import { expect, test } from 'vitest'
import { importBytes, insertTeam } from '../../support/batches.ts'
import { testDatabase } from '../../support/database.ts'
import { settingsOf } from '../../support/reading.ts'
import { MAPPED, withHeader } from '../../support/rules.ts'

const database = testDatabase()

/** What every object has, and might be taken for a count or a value. */
const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']

test('guardrails count what is cleared of a field, whatever it is called', async () => {
  const additionalFields = NAMES.map((name, at) => ({ ...MAPPED.additionalFields[0], name, column: `C${at}` }))
  const settings = settingsOf({ ...MAPPED, optOut: null, additionalFields } as Parameters<typeof settingsOf>[0])
  const teamId = await insertTeam(database)
  const file = (cell: (n: number) => string) =>
    withHeader(
      `ID,First,Last,Mobile,${NAMES.map((_, at) => `C${at}`).join()}`,
      ...Array.from({ length: 40 }, (_, n) => `${n},Ann,Lee,71655501${10 + n},${NAMES.map(() => cell(n)).join()}`),
    )
  await importBytes(
    database,
    teamId,
    file(() => 'x'),
    { settings },
  )
  // Half of them are passed over as unchanged.
  const result = await importBytes(
    database,
    teamId,
    file((n) => (n < 20 ? '' : 'x')),
    { settings },
  )
  expect(Object.entries(result.changes.cleared).toSorted()).toEqual(
    NAMES.toSorted().map((name) => [name, { had: 40, cleared: 20 }]),
  )
  expect(result.changes.firstFilled).toBe(0)
})

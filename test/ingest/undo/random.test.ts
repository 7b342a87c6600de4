import { expect, test } from 'vitest'
import { previewUndo } from '../../../ingest/undo.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { contactsOf, insertTeam } from '../../support/batches.ts'
import { seededRandom } from '../../support/random.ts'
import { UndoModel } from './model.ts'
import { type Line, line, undos } from './support.ts'

const { database, teamOf, importFile, done } = undos()
const { db } = database

/** `UNDO_SCHEDULES=500 npx vitest run test/ingest/undo/random.test.ts` plays more of them. */
const SCHEDULES = Number(process.env.UNDO_SCHEDULES ?? 3)

/** Ways to write one Contact ID. */
const IDS = [
  (id: string) => id,
  (id: string) => `\u200b${id}\u00a0`,
  (id: string) => `"${id}\u2060"`,
  (id: string) => `="${id}"`,
]
/** Ways to write one number of ten digits; all others are none, and stay as they are. */
const NUMBERS = [
  (digits: string) => digits,
  (digits: string) => digits.replace(/^(...)(...)(....)$/, '($1) $2-$3'),
  (digits: string) => digits.replace(/^(...)(...)(....)$/, '\u202d+1 $1.$2.$3\u202c'),
  (digits: string) => `1${digits}`,
]
/** Nine digits and the zero of a fraction, a date, a filler, an area code that cannot be: none may become a number. */
const NO_NUMBERS = ['12', '716555010.0', '2024-05-10 12', '2222222222', '9115550101', '7.16E+09']

for (let seed = 1; seed <= SCHEDULES; seed++)
  test(`imports, statements and undos in any order end as the rules say (${seed})`, async () => {
    const random = seededRandom(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
    const teamId = await insertTeam(database)
    const model = new UndoModel()
    const batches: string[] = []
    const undone = new Set<number>()
    const usual = ['import', 'import', 'state', 'undo', 'undo']
    const ids = Array.from({ length: 9 }, (_, index) => String(index + 1))
    const linesOf = (ids: readonly string[], isAbsent: boolean) =>
      ids.map((id) =>
        line({
          id,
          first: pick(['Ann', 'Bea']),
          mobile: pick(['7165550101', '7165550102', '7165550102', '7165550103', '12']),
          opt: isAbsent ? '' : pick(['', 'Y', 'N']),
          major: pick(['Law', '']),
          advisor: pick(['s1', '']),
        }),
      )
    const written = ({ id, mobile, opt, ...rest }: Line): Line => ({
      ...rest,
      id: pick(IDS)(id),
      mobile: mobile === '12' ? pick(NO_NUMBERS) : pick(NUMBERS)(mobile),
      opt: pick([opt, opt && (`${opt}\u200b` as Line['opt'])]),
    })
    for (let step = 0; step < 30; step++) {
      const what = pick([...usual, ...usual, 'damaged keys'])
      if (what === 'import' || what === 'damaged keys') {
        const isAbsent = random() < 0.2
        const lines = linesOf(
          what === 'import'
            ? ids.filter(() => random() < 0.5)
            : Array.from({ length: 22 }, (_, at) => `d${step}-${at}`),
          isAbsent,
        )
        const expected = model.import(lines, isAbsent)
        const { batchId, changes } = await importFile(teamId, lines.map(written), isAbsent ? 'Consent' : 'OptOut')
        expect(changes).toMatchObject(expected)
        batches.push(batchId)
      } else if (what === 'state') {
        const [id, state, source] = [
          pick(ids),
          pick(['opted_in', 'opted_out'] as const),
          pick(['contact', 'admin'] as const),
        ]
        model.state(id, state, source)
        await setOptOut(db, teamId, id, state, source)
      } else {
        const open = batches.map((_, index) => index).filter((index) => !undone.has(index))
        if (open.length === 0) continue
        const batch = random() < 0.5 ? (open.at(-1) as number) : pick(open)
        undone.add(batch)
        const foreseen = await previewUndo(db, await teamOf(teamId), batches[batch] as string)
        const figures = await done(teamId, batches[batch] as string)
        expect(foreseen).toEqual({ ok: true, figures })
        expect(figures.leftContacts).toHaveLength(figures.left)
        expect(figures).toMatchObject(model.undo(batch))
      }
      expect(await contactsOf(database, teamId)).toEqual(model.rows())
    }
  })

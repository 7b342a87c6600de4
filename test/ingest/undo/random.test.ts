import { expect, test } from 'vitest'
import { previewUndo } from '../../../ingest/undo.ts'
import { setOptOut } from '../../../store/contacts/contact-list.ts'
import { contactsOf, insertTeam } from '../../support/batches.ts'
import { seededRandom } from '../../support/random.ts'
import { UndoModel } from './model.ts'
import { line, undos } from './support.ts'

const { database, teamOf, importLines, done } = undos()
const { db } = database

for (const seed of [1, 2, 3])
  test(`imports, statements and undos in any order end as the rules say (${seed})`, async () => {
    const random = seededRandom(seed)
    const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
    const teamId = await insertTeam(database)
    const model = new UndoModel()
    const batches: string[] = []
    const undone = new Set<number>()
    const ids = Array.from({ length: 9 }, (_, index) => String(index + 1))
    for (let step = 0; step < 30; step++) {
      const what = pick(['import', 'import', 'state', 'undo', 'undo'])
      if (what === 'import') {
        const lines = ids
          .filter(() => random() < 0.5)
          .map((id) =>
            line({
              id,
              first: pick(['Ann', 'Bea']),
              mobile: pick(['7165550101', '7165550102', '7165550102', '12']),
              opt: pick(['', 'Y', 'N']),
              major: pick(['Law', '']),
              advisor: pick(['s1', '']),
            }),
          )
        model.import(lines)
        batches.push(await importLines(teamId, lines))
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

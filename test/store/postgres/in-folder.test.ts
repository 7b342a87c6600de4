import { expect, test } from 'vitest'
import { teamPath } from '../../../model/team-path.ts'
import { inFolder } from '../../../store/postgres/in-folder.ts'
import { testDatabase } from '../../support/database.ts'
import { insertTeam } from '../../support/teams.ts'

const { db } = testDatabase()

test('a folder holds neither what lies below it nor what lies beside it under a like name', async () => {
  const { id: teamId } = await insertTeam(db, 'admissions')
  const paths = [
    '/a.csv',
    '/in/a.csv',
    '/in/b/a.csv',
    '/in2/a.csv',
    '/😀😀/a.csv',
    '/😀😀/b/a.csv',
    '/😀😀2/a.csv',
    '/in/ab.csv',
  ]
  await db
    .insertInto('upload')
    .values(paths.map((path) => ({ team_id: teamId, path, source: 'ftp' as const, state: 'incomplete' as const })))
    .execute()
  const within = async (folder: string, prefix?: string) => {
    const rows = await db
      .selectFrom('upload')
      .select('path')
      .where(inFolder(teamPath(folder), prefix))
      .orderBy('id')
      .execute()
    return rows.map(({ path }) => path).toSorted()
  }
  expect(await within('/')).toEqual(['/a.csv'])
  expect(await within('/in')).toEqual(['/in/a.csv', '/in/ab.csv'])
  expect(await within('/in', 'ab')).toEqual(['/in/ab.csv'])
  expect(await within('/in', 'b')).toEqual([])
  expect(await within('/😀😀')).toEqual(['/😀😀/a.csv'])
})

import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { diskFileArea } from '../../files/disk-file-area.ts'
import { MARK } from '../../files/team-root.ts'
import { createLog } from '../../log.ts'
import type { Team } from '../../model/team.ts'
import { TeamRoots } from '../../start/team-roots.ts'
import { createTeam, removeTeam } from '../../store/teams.ts'
import { testDatabase } from '../support/database.ts'

const { db } = testDatabase()
const NOW = new Date('2026-11-22T15:00:00Z')

interface Line {
  level: string
  msg: string
}

async function given() {
  const teamsFolder = await mkdtemp(join(tmpdir(), 'rosterport-roots-'))
  onTestFinished(() => rm(teamsFolder, { recursive: true, force: true }))
  onTestFinished(async () => void (await db.deleteFrom('team').execute()))
  const lines: Line[] = []
  const log = createLog('warn', { write: (line) => void lines.push(JSON.parse(line)) })
  const process = () => new TeamRoots({ db, teamsFolder, log })
  const roots = process()
  const usageOf = (team: Team, by = roots) =>
    diskFileArea(
      by.folderOf(team),
      ...([undefined, undefined, undefined, undefined, undefined] as const),
      by.ownerOf(team),
    ).usage()
  return { teamsFolder, lines, roots, process, usageOf }
}

async function makeTeam(team: string): Promise<Team> {
  const made = await createTeam(db, { team, name: team, timeZone: 'UTC' })
  if (!made) throw new Error('the name is taken')
  return made
}

const markIn = (folder: string) => readFile(join(folder, MARK), 'utf8')

test('the folders of an earlier version, and those still to come, are marked at the start of each process', async () => {
  const { roots, process, teamsFolder, usageOf } = await given()
  const [known, fresh] = [await makeTeam('known'), await makeTeam('fresh')]
  await mkdir(join(teamsFolder, 'known'))
  await writeFile(join(teamsFolder, 'known', 'a.csv'), 'x')
  await Promise.all([roots.open(), process().open()])
  for (const team of [known, fresh])
    expect(await markIn(roots.folderOf(team))).toBe(`${team.id} ${team.createdAt.toISOString()}\n`)
  expect(await usageOf(known)).toEqual({ bytes: 1, files: 1, folders: 0 })
})

test('a folder of another team is refused in one sentence that says what to do, and the other teams are not', async () => {
  const { roots, lines, teamsFolder, usageOf } = await given()
  const [strange, other] = [await makeTeam('strange'), await makeTeam('other')]
  await roots.open()
  // As of a backup from before the team was made again, or of another database.
  for (const found of [`4711 ${strange.createdAt.toISOString()}`, `${strange.id} 2020-01-01T00:00:00.000Z`]) {
    await writeFile(join(teamsFolder, 'strange', MARK), found)
    lines.length = 0
    await roots.open()
    for (let again = 0; again < 2; again++)
      await expect(usageOf(strange)).rejects.toMatchObject({ name: 'RootProblem' })
    await vi.waitFor(() => expect(lines).toHaveLength(1))
    const folder = join(teamsFolder, 'strange')
    expect(lines[0]?.level).toBe('error')
    expect(lines[0]?.msg).toBe(
      `The folder ${folder} belongs to another team ("${found}", not "${strange.id} ${strange.createdAt.toISOString()}"), so its files are refused: if they are those of team "strange", remove ${join(folder, MARK)}; otherwise move the folder away.`,
    )
    await usageOf(other)
  }
  await rm(join(teamsFolder, 'strange', MARK))
  await usageOf(strange)
})

test('a session that outlives its team is no fault of the folder', async () => {
  const { roots, lines, usageOf } = await given()
  const first = await makeTeam('housing')
  await roots.make(first, NOW)
  await removeTeam(db, first.id)
  await roots.setAside(first, NOW)
  await expect(usageOf(first)).rejects.toMatchObject({ name: 'RootProblem' })
  const second = await makeTeam('housing')
  await roots.make(second, NOW)
  await expect(usageOf(first)).rejects.toMatchObject({ name: 'RootProblem' })
  await vi.waitFor(() => expect(lines).toMatchObject([{ level: 'warn', msg: expect.stringContaining('outlived') }]))
})

test('the folder of a new team stays where it is when that of its predecessor is set aside late', async () => {
  const { roots, teamsFolder } = await given()
  const first = await makeTeam('housing')
  await roots.make(first, NOW)
  await writeFile(join(teamsFolder, 'housing', 'a.csv'), 'first')
  await removeTeam(db, first.id)
  const second = await makeTeam('housing')
  await roots.make(second, NOW)
  await writeFile(join(teamsFolder, 'housing', 'a.csv'), 'second')
  await roots.setAside(first, NOW)
  expect(await readFile(join(teamsFolder, 'housing', 'a.csv'), 'utf8')).toBe('second')
  const [kept] = await readdir(join(teamsFolder, '.removed'))
  expect(await readFile(join(teamsFolder, '.removed', String(kept), 'a.csv'), 'utf8')).toBe('first')
})

test('a copy of the database and of the folder serves its teams elsewhere', async () => {
  const { roots, lines, teamsFolder } = await given()
  const team = await makeTeam('admissions')
  await roots.make(team, NOW)
  const elsewhere = await given()
  await writeFile(join(roots.folderOf(team), 'a.csv'), 'x')
  await cp(teamsFolder, elsewhere.teamsFolder, { recursive: true })
  await elsewhere.roots.open()
  expect(await elsewhere.usageOf(team)).toEqual({ bytes: 1, files: 1, folders: 0 })
  expect([...lines, ...elsewhere.lines]).toEqual([])
})

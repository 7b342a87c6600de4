import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import { batchesOf, type Point, runEnded, settle, until } from '../point.ts'
import { isOver, quiet } from '../quiet.ts'
import { type RosterFile, rosterFiles } from '../roster.ts'
import { SmallDisk } from '../small-disk.ts'
import { IMPORTS, newSubject, type Subject } from '../subject.ts'
import { ftpClient, putInPlace, uploadAll } from '../uploads.ts'
import { World } from '../world.ts'

const MIB = 1 << 20

/** A team whose root is a small disk. */
async function smallTeam(
  world: World,
  files: RosterFile[],
  limits: { bytes: number; inodes?: number },
): Promise<{ subject: Subject; disk: SmallDisk }> {
  const subject = await newSubject(world, files, { upload: false })
  const disk = await SmallDisk.on(world.rootOf(subject.team), limits)
  world.afterwards(() => disk.remove())
  await diskFileArea(disk.folder).makeFolder(IMPORTS)
  return { subject, disk }
}

const uploadPoints: Point[] = [0, 20_000, 100_000].map((leave) => ({
  title: `disk full in an upload, ${leave} bytes free: refused, the old file stands, and it works when there is room`,
  async run(world) {
    const [first, ...rest] = rosterFiles(4_000) as [RosterFile, ...RosterFile[]]
    const { subject, disk } = await smallTeam(world, [first, ...rest], { bytes: MIB })
    const upload = await ftpClient(world, subject.team)
    const wrong: string[] = []
    if (!(await upload({ ...first, text: 'an older version\r\n' })))
      wrong.push('an upload was refused with room for it')
    await disk.fill(leave)
    if (await upload(first)) wrong.push('an upload was taken without room for it')
    const path = `${disk.folder}${IMPORTS}`
    if ((await world.textOf(join(path, first.name))) !== 'an older version\r\n')
      wrong.push('the old file does not stand')
    await disk.free()
    const replaced = await uploadAll(world, subject, upload)
    await world.press(subject.team)
    return [...wrong, ...(await settle(world, subject, { replaced }))]
  },
}))

export const DISK_POINTS: readonly Point[] = [
  ...uploadPoints,
  {
    title: 'no name is free when the files are archived: the imports stand, and say so',
    async run(world) {
      const { subject, disk } = await smallTeam(world, rosterFiles(), { bytes: 6 * MIB, inodes: 60 })
      for (const file of subject.files) subject.uploads.push(await putInPlace(world, subject.team, file))
      await disk.fillNames()
      await world.press(subject.team)
      const wrong = await settle(world, subject, { archived: false })
      await disk.free()
      await world.press(subject.team)
      await quiet(world, subject)
      const batches = await batchesOf(world, subject)
      if (batches.length !== 3) wrong.push(`${batches.length} batches instead of 3`)
      if (batches.some(({ warnings }) => !warnings.W_AFTER_IMPORT_FAILED)) wrong.push('a batch does not warn')
      const { imports } = await world.filesOf(subject.team)
      if (imports.length !== 3) wrong.push(`${imports.length} files stand in the File Path instead of 3`)
      return wrong
    },
  },
  {
    title: 'disk full when a file is given by hand: refused, nothing stays behind',
    async run(world) {
      const { subject, disk } = await smallTeam(world, rosterFiles(4_000), { bytes: MIB })
      await disk.fill(50_000)
      const wrong: string[] = []
      const [file] = subject.files as [RosterFile]
      const path = `/api/teams/${subject.team.team}/manual-import?fileName=${file.name}`
      const refused = await world.call('PUT', path, file.text)
      if (refused.status < 400) wrong.push(`the file was taken: ${refused.status}`)
      const { hidden } = await world.filesOf(subject.team)
      if (hidden.length > 0) wrong.push(`${hidden.length} hidden files are left`)
      await disk.free()
      for (const each of subject.files) subject.uploads.push(await putInPlace(world, subject.team, each))
      await world.press(subject.team)
      return [...wrong, ...(await settle(world, subject))]
    },
  },
  {
    title: 'disk full where mails are written: they wait, and are written once there is room',
    async run(world) {
      const folder = join(world.folder, 'data/outbox')
      const disk = await SmallDisk.on(folder, { bytes: MIB })
      world.afterwards(() => disk.remove())
      await world.restart({ SMTP_URL: '' })
      const subject = await newSubject(world, rosterFiles())
      await disk.fill()
      await world.press(subject.team)
      await runEnded(world, subject)
      await until('a mail that could not be written', async () => {
        const { rows } = await world.direct.pool.query(
          `select 1 from mail where team_id = $1 and last_error is not null and state = 'queued'`,
          [subject.team.id],
        )
        return rows.length === 3
      })
      await disk.free()
      await quiet(world, subject)
      const written = await readdir(folder)
      const wrong = written.length === 3 ? [] : [`${written.join()} were written instead of 3 mails`]
      await world.restart()
      return [...wrong, ...(await settle(world, subject, { mailed: false }))]
    },
  },
  {
    title: 'the table of contacts has no room to grow: each batch fails whole, says so, and comes when there is room',
    async run(world) {
      const { pool } = world.direct
      const disk = await SmallDisk.on(join(world.folder, 'small'), { bytes: 24 * MIB })
      const location = join(disk.folder, 'space')
      await mkdir(location, { mode: 0o700 })
      await pool.query(`create tablespace small location '${location}'`)
      world.afterwards(async () => {
        await disk.free()
        await pool.query('alter table contact set tablespace pg_default')
        await pool.query('drop tablespace small')
        await disk.remove()
        await rm(disk.folder, { recursive: true })
      })
      const subject = await newSubject(world, rosterFiles(4_000))
      // What earlier points have left behind within the table would be room.
      await pool.query('vacuum full contact')
      await pool.query('alter table contact set tablespace small')
      await disk.fill()
      await world.press(subject.team)
      await runEnded(world, subject)
      const wrong: string[] = []
      const batches = await batchesOf(world, subject)
      for (const { state, file_name, problem } of batches)
        if (state !== 'failed' || !problem) wrong.push(`${file_name} is ${state}: ${problem?.message}`)
      if (batches.length !== 3) wrong.push(`${batches.length} batches instead of 3`)
      if ((await world.contacts(subject.team)) !== '') wrong.push('something was imported without room')
      await disk.free()
      await world.press(subject.team)
      return [...wrong, ...(await settle(world, subject))]
    },
  },
  ...[200_000, 2_000_000].map((leave) => ({
    title: `the whole disk of PostgreSQL is full but for ${leave} bytes: nothing by halves, and it goes on when there is room`,
    async run() {
      const world = new World()
      await world.open({ postgresDisk: 400 * MIB })
      try {
        const subject = await newSubject(world, rosterFiles(20_000))
        const disk = world.postgresDisk as SmallDisk
        await disk.fill(leave)
        await world.press(subject.team)
        // Whether it ends as failed or is tried again and again depends on what PostgreSQL itself can still write.
        await until('the first sign of the full disk', async () => {
          const said = world.service.said.some((line) =>
            /No space left|53100|57P0|could not look|interrupted/.test(line),
          )
          return said || (await isOver(world, subject).catch(() => true))
        })
        await disk.free()
        await world.postgresAnswers()
        return await settle(world, subject, { anyOrder: true })
      } finally {
        await world.close()
      }
    },
  })),
]

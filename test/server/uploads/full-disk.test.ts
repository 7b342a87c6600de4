import { mkdir, open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import type { Team } from '../../../model/team.ts'
import { type HostKeys, loadHostKeys } from '../../../server/sftp/host-keys.ts'
import { unfinishedUploads } from '../../../store/uploads/unfinished-uploads.ts'
import { testDatabase } from '../../support/database.ts'
import { latestUploads } from '../../support/latest-uploads.ts'
import { type SmallDisk, smallDisk } from '../../support/machine/small-disk.ts'
import { given } from '../support/ftp-client.ts'
import { names, overlaid, serverFolders, textOf } from '../support/ftp-server.ts'
import { connectSsh, SftpClient, startSftp } from '../support/sftp-server.ts'

const { db } = testDatabase()
const folders = serverFolders()
let hostKeys: HostKeys
beforeAll(async () => {
  hostKeys = await loadHostKeys(join(folders.teams(), '..', 'keys'))
})

let disk: SmallDisk | null
beforeAll(async () => {
  disk = await smallDisk({ bytes: 2 << 20, names: 60 })
})
beforeEach(({ skip }) => skip(!disk, 'this user may not mount a disk to fill'))
afterAll(() => disk?.remove())
const onDisk = (name: string) => join(disk?.folder ?? '', name)

interface Uploader {
  area: FileArea
  team: Team
  /** What the client is told, or null where the file was taken. */
  upload(name: string, content: string): Promise<string | null>
}

/** `roomTold` lets the free space look larger than it is, as if the floor below which nothing is taken were lower. */
async function overFtp(roomTold: boolean): Promise<Uploader> {
  const started = await given(db, folders, { fileAreaOf: areaOn(roomTold) })
  const { team } = started.login
  return {
    team,
    area: areaOn(roomTold)(team),
    async upload(name, content) {
      const client = await started.client()
      const data = await client.data()
      const began = await client.send(`STOR ${name}`)
      if (!began.startsWith('150')) return began
      data.end(content)
      const told = await client.reply()
      await client.send('NOOP')
      return told.startsWith('226') ? null : told
    },
  }
}

async function overSftp(roomTold: boolean): Promise<Uploader> {
  const { login } = await given(db, folders)
  const { team, username, password } = login
  const server = await startSftp({ db, team, teams: onDisk(''), hostKeys, fileAreaOf: areaOn(roomTold) })
  return {
    team,
    area: areaOn(roomTold)(team),
    async upload(name, content) {
      const client = await SftpClient.open(await connectSsh(server.port, { username, password }))
      return client.call('writeFile', `/${name}`, Buffer.from(content)).then(
        () => null,
        (error: Error) => error.message,
      )
    },
  }
}

function areaOn(roomTold: boolean): (team: Pick<Team, 'team'>) => FileArea {
  const space = async () => ({ freeBytes: 1 << 30, totalBytes: 1 << 30 })
  return ({ team }) => overlaid(diskFileArea(onDisk(team)), roomTold ? { space } : {})
}

/** Takes all that is left of the disk. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (let size = 1 << 20; ; ) {
      const { bytesWritten } = await file.write(Buffer.alloc(size))
      if (bytesWritten < size) size = 1 << 12
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' })
  } finally {
    await file.close()
  }
}

async function fillNames(folder: string): Promise<void> {
  await mkdir(folder)
  for (let at = 0; ; at++)
    try {
      await writeFile(join(folder, String(at)), '')
    } catch (error) {
      return expect(error).toMatchObject({ code: 'ENOSPC' })
    }
}

const protocols = { FTP: overFtp, SFTP: overSftp }
const TOO_LARGE = 'x'.repeat(3 << 20)
const SMALL = 'x'.repeat(100_000)
const cases: { title: string; roomTold: boolean; prepare?: (path: string) => Promise<void>; content: string }[] = [
  { title: 'an upload larger than what is left of the disk', roomTold: false, content: TOO_LARGE },
  { title: 'the same where no floor stands before the end', roomTold: true, content: TOO_LARGE },
  { title: 'a small upload to a disk full to the last byte', roomTold: true, prepare: fill, content: SMALL },
  { title: 'a small upload below the floor', roomTold: false, prepare: fill, content: SMALL },
  { title: 'an upload to a disk without a name left', roomTold: true, prepare: fillNames, content: SMALL },
]
for (const [protocol, over] of Object.entries(protocols))
  for (const { title, roomTold, prepare, content } of cases)
    test(`${title} is refused over ${protocol}, leaves the earlier file and nothing else`, async () => {
      const { upload, area, team } = await over(roomTold)
      expect(await upload('a.csv', 'earlier\n')).toBeNull()
      const taken = onDisk('taken')
      await prepare?.(taken)
      for (const name of ['a.csv', 'b.csv'])
        expect(await upload(name, content)).toBe(`${protocol === 'FTP' ? '452 ' : ''}Insufficient storage space.`)
      await vi.waitFor(async () => expect(await unfinishedUploads(db, team.id)).toEqual([]))
      await vi.waitFor(async () => expect(await area.pending()).toEqual([]))
      await vi.waitFor(async () =>
        expect((await latestUploads(db, team.id, 2)).map(({ state, noRoom }) => [state, noRoom])).toEqual([
          ['incomplete', 'disk_full'],
          ['incomplete', 'disk_full'],
        ]),
      )
      expect(await names(area)).toEqual(['a.csv'])
      expect(await textOf(area, '/a.csv')).toBe('earlier\n')
      await rm(taken, { recursive: true, force: true })
      expect(await upload('a.csv', 'later\n')).toBeNull()
      await vi.waitFor(async () => expect(await textOf(area, '/a.csv')).toBe('later\n'))
    })

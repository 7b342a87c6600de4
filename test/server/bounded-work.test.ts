import { expect, test } from 'vitest'
import { MAX_LINE_BYTES } from '../../server/ftp/control/command-lines.ts'
import { verbs } from '../../server/ftp/control/command-table.ts'
import { testDatabase } from '../support/database.ts'
import { KINDS_OF_TEXT, LongestBlock } from '../support/longest-block.ts'
import { given } from './support/ftp-client.ts'
import { serverFolders } from './support/ftp-server.ts'
import { sftpGiver } from './support/sftp-client.ts'

const MOST_MS = 100
/** ssh2 takes no longer packet. */
const PATH_BYTES = 30_000
/** Path, option, extended address, date of MFMT, number. */
const STARTS = ['', '/', '-la ', '|1|', '20261130120000 ', '1,']
const { db } = testDatabase()
const folders = serverFolders()
const sftp = sftpGiver(db, folders)
const blocks = new LongestBlock()

test(`no FTP command of the greatest length holds up anyone for ${MOST_MS} ms`, async () => {
  const found: string[] = []
  const { client } = await given(db, folders)
  for (const verb of verbs().filter((verb) => verb !== 'QUIT')) {
    const asking = await client()
    for (const [kind, textOf] of Object.entries(KINDS_OF_TEXT))
      for (const start of STARTS) {
        const line = `${verb} ${start}${textOf(MAX_LINE_BYTES - verb.length - start.length - 2)}`
        const milliseconds = await blocks.leastOf(async () => {
          const reply = await asking.send(line)
          expect(reply).toMatch(/^\d{3}/)
          expect(reply).not.toContain('too long')
        }, MOST_MS)
        if (milliseconds > MOST_MS) found.push(`${verb} ${start} with ${kind}: ${Math.round(milliseconds)} ms`)
      }
    asking.socket.destroy()
  }
  expect(found).toEqual([])
})

test(`no SFTP request with a path of the greatest length holds up anyone for ${MOST_MS} ms`, async () => {
  const found: string[] = []
  const client = await (await sftp()).client()
  const calls = {
    open: ['w'],
    opendir: [],
    stat: [],
    lstat: [],
    setstat: [{ mode: 0o640 }],
    realpath: [],
    unlink: [],
    rename: ['/a'],
    mkdir: [],
    rmdir: [],
    readlink: [],
    symlink: ['/a'],
    ext_openssh_rename: ['/a'],
    ext_openssh_statvfs: [],
  } as const
  for (const [name, more] of Object.entries(calls))
    for (const [kind, textOf] of Object.entries(KINDS_OF_TEXT))
      for (const start of ['', '/', '/in/']) {
        const path = start + textOf(PATH_BYTES)
        const call = () => client.call(name as keyof typeof calls, path, ...more).catch(() => {})
        const milliseconds = await blocks.leastOf(call, MOST_MS)
        if (milliseconds > MOST_MS) found.push(`${name} ${start} with ${kind}: ${Math.round(milliseconds)} ms`)
      }
  expect(found).toEqual([])
  expect(await client.call('realpath', '/')).toBe('/')
})

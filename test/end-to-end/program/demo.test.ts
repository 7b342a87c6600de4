import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { builtProgram, inherited } from '../../support/machine/built-programs.ts'

/** Runs the demo to its last line and stops it as Ctrl+C does; answers what it said. */
async function demo(dataDir: string): Promise<string> {
  const [command, ...args] = builtProgram('demo/demo.ts')
  const child: ChildProcess = spawn(command, args, {
    env: {
      ...{ ...inherited(), DATA_DIR: dataDir },
      ...{ HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '0', SMTP_URL: undefined },
    },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said += chunk
      if (/^All data is in .*\n/m.test(said)) child.kill('SIGINT')
    })
  const [code] = await once(child, 'close')
  expect({ code, said }).toMatchObject({ code: 0 })
  return said
}

test('the demo tells where recap and data are, and at a second start that they were there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rosterport demo '))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'data')

  const first = await demo(dataDir)
  expect(first).toContain('5. The recap: 243 of 255 imported')
  expect(first).not.toMatch(/recap was sent|earlier start/)
  const [, mail = ''] = /so the recap was written to (.*\.eml)$/m.exec(first) ?? []
  expect(await readFile(mail, 'utf8')).toContain('243 of 255')
  expect(first).toContain(`All data is in ${dataDir}; the next start goes on with it. To begin anew, `)

  const second = await demo(dataDir)
  expect(second).toContain(`it is in ${dataDir} since an earlier start.`)
  expect(/so the recap was written to (.*\.eml)$/m.exec(second)?.[1]).not.toBe(mail)
}, 60_000)

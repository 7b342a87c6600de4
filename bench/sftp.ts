import { fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { programBeside } from './program.ts'

const MEBIBYTE = 1 << 20

/**
 * One large upload by OpenSSH's own client, to us over SSH and to OpenSSH's sftp-server over a pipe. The yardstick has no
 * encryption, no checksum and no flush to the disk, and so cannot be reached; it shows what the protocol itself costs.
 */
export async function benchSftp({ rounds, mebibytes }: { rounds: number; mebibytes: number }): Promise<string> {
  const yardstick = process.env.SFTP_SERVER ?? '/usr/lib/openssh/sftp-server'
  const folder = await mkdtemp(join(tmpdir(), 'rosterport-bench-'))
  const keys = ssh2.utils.generateKeyPairSync('ed25519')
  const key = join(folder, 'id')
  const local = join(folder, 'local.bin')
  await writeFile(key, keys.private, { mode: 0o600 })
  await fill(local, mebibytes)
  await mkdir(join(folder, 'theirs'))
  const server = fork(programBeside('sftp-server'), [join(folder, 'ours'), keys.public])
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    const hosts = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'IdentitiesOnly=yes']
    const ours = () => put(['-F', 'none', ...hosts, '-i', key, '-P', `${port}`, 'bench@127.0.0.1'], local, 'a.bin')
    const theirs = () => put(['-D', yardstick], local, join(folder, 'theirs', 'a.bin'))
    const usage = async () => {
      server.send('usage')
      return ((await once(server, 'message')) as [{ cpuSeconds: number; peakMebibytes: number }])[0]
    }
    await ours()
    const before = await usage()
    const times = { ours: [] as number[], theirs: [] as number[] }
    for (let round = 0; round < rounds; round += 1) {
      times.ours.push(await ours())
      if (existsSync(yardstick)) times.theirs.push(await theirs())
    }
    const after = await usage()
    const cpu = ((after.cpuSeconds - before.cpuSeconds) / rounds / mebibytes) * 1024
    return [
      '| upload by OpenSSH | seconds (median) | MiB/s | against the yardstick |',
      '|---|---|---|---|',
      line('this endpoint', times.ours, mebibytes, times.theirs),
      line('sftp-server over a pipe', times.theirs, mebibytes, times.theirs),
      '',
      `${mebibytes} MiB, ${rounds} rounds; ${cpu.toFixed(2)} s of CPU per GiB, peak memory ${Math.round(after.peakMebibytes)} MiB.`,
      '',
    ].join('\n')
  } finally {
    server.send('stop')
    await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

function line(name: string, times: number[], mebibytes: number, yardstick: number[]): string {
  if (times.length === 0) return `| ${name} | not installed | | |`
  const ratio = yardstick.length > 0 ? (median(times) / median(yardstick)).toFixed(2) : ''
  return `| ${name} | ${median(times).toFixed(2)} | ${Math.round(mebibytes / median(times))} | ${ratio} |`
}

function median(times: number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number
}

async function fill(file: string, mebibytes: number): Promise<void> {
  const handle = await open(file, 'w')
  const piece = randomBytes(MEBIBYTE)
  for (let count = 0; count < mebibytes; count += 1) await handle.write(piece)
  await handle.close()
}

async function put(where: string[], local: string, remote: string): Promise<number> {
  const began = performance.now()
  const client = spawn('sftp', ['-q', '-b', '-', ...where], { stdio: ['pipe', 'ignore', 'inherit'] })
  client.stdin.end(`put ${local} ${remote}\n`)
  const [code] = await once(client, 'close')
  if (code !== 0) throw new Error(`sftp ended with ${code}`)
  return (performance.now() - began) / 1000
}

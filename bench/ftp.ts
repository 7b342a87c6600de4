import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statfsSync } from 'node:fs'
import { chmod, mkdtemp, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BenchClient } from './ftp-client.ts'
import { type Measured, startServers } from './ftp-servers.ts'

const GIB = 1 << 30
const MIB = 1 << 20

/** The endpoint beside vsftpd and pure-ftpd on loopback: same client, same disk, in turn. */
export async function benchFtp({ rounds }: { rounds: number }): Promise<string> {
  // In memory, as far as there is such a place: a disk would be measured otherwise, and most of its noise.
  const folder = await mkdtemp(join(hasMemoryDisk() ? '/dev/shm' : '/var/tmp', 'rosterport-bench-'))
  // The others change to a user of the machine, who must get in.
  await chmod(folder, 0o755)
  const { servers, absent } = await startServers(folder)
  try {
    const big = await bigFile(join(folder, 'big'))
    const lines = [
      ...(await compared('1 GiB plain, s', servers, rounds, (server) => curl(server, folder, big, false))),
      ...(await compared('1 GiB FTPS, s', servers, rounds, (server) => curl(server, folder, big, true))),
      ...(await compared('10 KiB file on one session, ms', servers, rounds, smallFiles)),
    ]
    const [ours] = servers
    if (!ours) throw new Error('ours is the first')
    const own = [await logins(ours), await manyUploads(ours), await idle(ours, folder)]
    return [
      `| medians of ${rounds} | ${servers.map(({ name }) => name).join(' | ')} | of vsftpd | of pure-ftpd |`,
      `|---|${'---|'.repeat(servers.length + 2)}`,
      ...lines,
      '',
      '| rosterport alone | measured | asked |',
      '|---|---|---|',
      ...own,
      '',
      ...absent,
      '',
    ].join('\n')
  } finally {
    for (const server of servers) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function hasMemoryDisk(): boolean {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize > 6 * GIB
  } catch {
    return false
  }
}

async function bigFile(path: string, bytes = GIB): Promise<string> {
  const file = await open(path, 'w')
  const chunk = Buffer.alloc(MIB, 'Student ID,First,Last,Cell\r\n')
  for (let at = 0; at < bytes; at += MIB) await file.write(chunk)
  await file.close()
  return path
}

/**
 * A virtual machine gives memory that has been free for two seconds back to its host, and pays several times the cost of
 * writing a file for taking it again. Who empties the old file before writing it anew never meets that, who keeps it until
 * the new one is whole always does: so all find as much memory at hand as they need.
 */
async function takeMemory(folder: string): Promise<void> {
  if (hasMemoryDisk()) await rm(await bigFile(join(folder, 'taken'), 1.5 * GIB))
}

/** Each server in turn, round by round, so that what else the machine does falls on all of them. */
async function compared(
  title: string,
  servers: Measured[],
  rounds: number,
  measure: (server: Measured) => Promise<number>,
): Promise<string[]> {
  const times = new Map(servers.map(({ name }) => [name, [] as number[]]))
  for (const server of servers) await measure(server)
  for (let round = 0; round < rounds; round++)
    for (const server of servers) times.get(server.name)?.push(await measure(server))
  const medians = new Map([...times].map(([name, values]) => [name, median(values)]))
  const ours = medians.get('rosterport') ?? Number.NaN
  const of = (other: string) => {
    const theirs = medians.get(other)
    return theirs === undefined ? '-' : (ours / theirs).toFixed(2)
  }
  const cells = servers.map(({ name }) => (medians.get(name) ?? Number.NaN).toPrecision(3))
  return [`| ${title} | ${cells.join(' | ')} | ${of('vsftpd')} | ${of('pure-ftpd')} |`]
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function curl(
  { port, username, password }: Measured,
  folder: string,
  file: string,
  secure: boolean,
): Promise<number> {
  await takeMemory(folder)
  const began = performance.now()
  const args = ['-sS', '-T', file, '--user', `${username}:${password}`, ...(secure ? ['--ssl-reqd', '--insecure'] : [])]
  const child = spawn('curl', [...args, `ftp://127.0.0.1:${port}/big.csv`], { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`curl ended with ${code}`)
  return (performance.now() - began) / 1000
}

export async function smallFiles(server: Measured): Promise<number> {
  const files = 1000
  const content = Buffer.alloc(10 << 10, 'x')
  const client = await BenchClient.login(server)
  const began = performance.now()
  for (let at = 0; at < files; at++) await client.store(`small-${at}.csv`, content)
  const each = (performance.now() - began) / files
  await client.send('NOOP')
  client.close()
  return each
}

export async function logins(server: Measured): Promise<string> {
  const all = 4000
  let left = all
  const began = performance.now()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) (await BenchClient.login(server)).close()
    }),
  )
  return `| logins a second, 16 at a time | ${Math.round(all / ((performance.now() - began) / 1000))} | 1,000 |`
}

export async function manyUploads(server: Measured): Promise<string> {
  const clients = 200
  const content = Buffer.alloc(64 << 10, 'x')
  const all = await Promise.all(Array.from({ length: clients }, () => BenchClient.login(server)))
  const before = residentBytes(server.pid)
  const began = performance.now()
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, residentBytes(server.pid))
  }, 20)
  await Promise.all(all.map((client, at) => client.store(`many-${at}.csv`, content, 5 * MIB)))
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  for (const client of all) client.close()
  const grown = Math.round((most - before) / MIB)
  return `| ${clients} clients uploading 5 MiB each: growth of memory | ${grown} MiB, all finished in ${seconds.toFixed(1)} s | 64 MiB |`
}

/** The speed alone is that before and behind: whatever grows quicker or slower with time does not count. */
export async function idle(server: Measured, folder: string): Promise<string> {
  const wanted = 10_000
  const content = Buffer.alloc(64 << 10, 'x')
  const upload = async () => {
    await takeMemory(folder)
    const client = await BenchClient.login(server)
    const began = performance.now()
    await client.store('lone.csv', content, 256 * MIB)
    const speed = 256 / ((performance.now() - began) / 1000)
    await client.send('NOOP')
    client.close()
    return speed
  }
  const uploads = async () => [await upload(), await upload(), await upload()]
  await uploads()
  const alone = await uploads()
  const before = residentBytes(server.pid)
  const clients: BenchClient[] = []
  while (clients.length < wanted)
    clients.push(...(await Promise.all(Array.from({ length: 100 }, () => BenchClient.open(server)))))
  const each = (residentBytes(server.pid) - before) / wanted / 1000
  const among = median(await uploads())
  for (const client of clients) client.close()
  alone.push(...(await uploads()))
  return `| ${wanted} idle connections: memory of each; speed of an upload among them | ${each.toFixed(1)} kB; ${Math.round((among / median(alone)) * 100)} % of alone | 15 kB; 50 % |`
}

function residentBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

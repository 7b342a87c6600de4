import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** How much memory the service takes while a browser sends 2 GiB, and how fast that goes. */
const BYTES = 2 * 1024 ** 3
const CHUNK = Buffer.alloc(1 << 20, 'ID,First,Last,Cell\n')
const PASSWORD = 'four unlike words here'

const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-'))
const service = spawn(process.execPath, [join(import.meta.dirname, '..', 'dist', 'main.js')], {
  env: { ...process.env, DATA_DIR: dataDir, HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '', ADMIN_PASSWORD: PASSWORD },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const http = await readyAt()
  const signedIn = await fetch(`http://${http}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ email: 'admin@localhost', password: PASSWORD }),
  })
  const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: `http://${http}` }
  const call = async (method: string, path: string, body: object) => {
    const answer = await fetch(`http://${http}${path}`, { method, headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await call('POST', '/api/teams', { team: 'bench', name: 'Bench', timeZone: 'UTC' })
  const fields = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell' }
  const read = await fetch(`http://${http}/api/teams/bench/import-settings`, { headers })
  const settings = (await read.json()) as object
  await call('PUT', '/api/teams/bench/import-settings', { ...settings, fields })

  // Broken off at the last byte, so that receiving alone is measured and nothing is imported.
  const before = await residentBytes()
  let peak = before
  const watch = setInterval(async () => {
    peak = Math.max(peak, await residentBytes())
  }, 50)
  const begun = performance.now()
  await sendAllBut1Byte(http, headers)
  const seconds = (performance.now() - begun) / 1000
  clearInterval(watch)
  const left = await readdir(join(dataDir, 'teams', 'bench', '.rosterport'))
  const megabytes = (bytes: number) => Math.round(bytes / 1e6)
  console.log(
    `2 GiB by hand: ${seconds.toFixed(1)} s, ${megabytes(BYTES / seconds)} MB/s; memory ${megabytes(before)} MB before, ${megabytes(peak)} MB at most; files left after the break: ${left.length}`,
  )
} finally {
  service.kill('SIGTERM')
  await new Promise((resolve) => service.once('exit', resolve))
  await rm(dataDir, { recursive: true, force: true })
}

async function readyAt(): Promise<string> {
  for await (const chunk of service.stdout) {
    const ready = /\{[^\n]*"msg":"ready"[^\n]*/.exec(String(chunk))
    if (ready) {
      service.stdout.resume()
      return (JSON.parse(ready[0]) as { http: string }).http
    }
  }
  throw new Error('the service did not start')
}

async function residentBytes(): Promise<number> {
  const status = await readFile(`/proc/${service.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
}

async function sendAllBut1Byte(http: string, headers: Record<string, string>): Promise<void> {
  const [host = '', port] = http.split(':')
  const path = '/api/teams/bench/manual-import?fileName=large.csv'
  const sending = request({ host, port, path, method: 'PUT', headers: { ...headers, 'content-length': BYTES } })
  sending.on('error', () => {})
  let left = BYTES - 1
  const body = new Readable({
    read() {
      const part = left > CHUNK.length ? CHUNK : CHUNK.subarray(0, left)
      left -= part.length
      this.push(part.length > 0 ? part : null)
    },
  })
  body.pipe(sending, { end: false })
  await new Promise((resolve) => body.once('end', resolve))
  const hidden = join(dataDir, 'teams', 'bench', '.rosterport')
  // The last batch is still with the service; it is written when the next would come, or never.
  const written = async () => {
    const [name] = await readdir(hidden)
    return name ? (await stat(join(hidden, name))).size : 0
  }
  while ((await written()) < BYTES - 4 * CHUNK.length) await new Promise((resolve) => setTimeout(resolve, 20))
  sending.destroy()
  while ((await readdir(hidden)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

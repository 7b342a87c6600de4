import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { diskFileArea } from '../files/disk-file-area.ts'
import { HIDDEN_FOLDER } from '../model/team-path.ts'
import { SERVICE_FLAGS } from './program.ts'

const BYTES = 2 * 1024 ** 3
const CHUNK = Buffer.alloc(1 << 20, 'ID,First,Last,Cell\n')
const PASSWORD = 'four unlike words here'

/** Starts what was built (`npm run build`), with a database of its own. */
export async function benchManualImport(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'rosterport-bench-'))
  const service = spawn(process.execPath, [...SERVICE_FLAGS, join(import.meta.dirname, '..', 'main.js')], {
    env: { ...process.env, DATA_DIR: dataDir, HTTP_PORT: '0', FTP_PORT: '0', SFTP_PORT: '', ADMIN_PASSWORD: PASSWORD },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const http = await readyAt(service.stdout)
    const headers = await prepare(http)
    const before = await residentBytes(service.pid)
    let peak = before
    const watch = setInterval(async () => {
      peak = Math.max(peak, await residentBytes(service.pid))
    }, 50)
    const begun = performance.now()
    const root = join(dataDir, 'teams', 'bench')
    await sendAllBut1Byte(http, headers, root)
    const seconds = (performance.now() - begun) / 1000
    clearInterval(watch)
    const megabytes = (bytes: number) => Math.round(bytes / 1e6)
    return `2 GiB by hand in ${seconds.toFixed(1)} s (${megabytes(BYTES / seconds)} MB/s); memory ${megabytes(before)} MB before and ${megabytes(peak)} MB at most; after the break ${(await diskFileArea(root).pending()).length} files are left.\n`
  } finally {
    service.kill('SIGTERM')
    await new Promise((resolve) => service.once('exit', resolve))
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** A team that can import; answers what a request of its administrator carries. */
async function prepare(http: string): Promise<Record<string, string>> {
  const credentials = { email: 'admin@localhost', password: PASSWORD }
  const signedIn = await fetch(`http://${http}/api/session`, { method: 'POST', body: JSON.stringify(credentials) })
  const headers = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '', origin: `http://${http}` }
  const call = async (method: string, path: string, body: object) => {
    const answer = await fetch(`http://${http}${path}`, { method, headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await call('POST', '/api/teams', { team: 'bench', name: 'Bench', timeZone: 'UTC' })
  const fields = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell' }
  const read = await fetch(`http://${http}/api/teams/bench/import-settings`, { headers })
  await call('PUT', '/api/teams/bench/import-settings', { ...((await read.json()) as object), fields })
  return headers
}

async function readyAt(output: Readable): Promise<string> {
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    const ready = /\{[^\n]*"msg":"ready"[^\n]*/.exec(String(chunk))
    if (ready) {
      output.resume()
      return (JSON.parse(ready[0]) as { http: string }).http
    }
  }
  throw new Error('the service did not start')
}

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024
}

/** Broken off at the last byte, so that receiving alone is measured and nothing is imported. */
async function sendAllBut1Byte(http: string, headers: Record<string, string>, root: string): Promise<void> {
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
  const area = diskFileArea(root)
  // The last batch is still with the service; it is written when the next would come, or never.
  const written = async () => {
    const [name] = await area.pending()
    return name ? (await stat(join(root, HIDDEN_FOLDER, name))).size : 0
  }
  while ((await written()) < BYTES - 4 * CHUNK.length) await new Promise((resolve) => setTimeout(resolve, 20))
  sending.destroy()
  while ((await area.pending()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

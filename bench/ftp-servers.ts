import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { programBeside, SERVICE_FLAGS } from './program.ts'

/** A server under measurement. */
export interface Measured {
  readonly name: string
  readonly port: number
  readonly username: string
  readonly password: string
  readonly pid: number
  stop(): Promise<void>
}

const PASSWORD = 'bench-0123456789'

/** Ours, and those of vsftpd and pure-ftpd that this machine has and that may run here. */
export async function startServers(folder: string): Promise<{ servers: Measured[]; absent: string[] }> {
  const servers = [await ours(join(folder, 'ours'))]
  const absent: string[] = []
  const root = process.getuid?.() === 0
  for (const [name, start] of [
    ['vsftpd', vsftpd],
    ['pure-ftpd', pureFtpd],
  ] as const) {
    const program = programOf(name)
    if (!root) absent.push(`${name} was not measured: it runs only as root.`)
    else if (!program) absent.push(`${name} was not measured: it is not installed (apt-get install ${name}).`)
    else servers.push(await start(program, join(folder, name)))
  }
  return { servers, absent }
}

async function ours(folder: string): Promise<Measured> {
  const child = fork(programBeside('ftp-server'), [folder], { execArgv: [...process.execArgv, ...SERVICE_FLAGS] })
  const [told] = (await once(child, 'message')) as [{ port: number; username: string; password: string }]
  return {
    name: 'rosterport',
    ...told,
    pid: child.pid as number,
    async stop() {
      child.send('stop')
      await once(child, 'exit')
    },
  }
}

/** `VSFTPD` and `PURE_FTPD` name programs that are not on the path: Debian's packages exclude each other. */
function programOf(name: string): string | null {
  const given = process.env[name.toUpperCase().replace('-', '_')]
  if (given) return given
  const found = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`], { encoding: 'utf8' })
  return found.status === 0 ? found.stdout.trim() : null
}

/** A user of the machine for the time of the benchmark: both servers know only those. */
function makeUser(home: string): { username: string; forget(): void } {
  const username = 'rosterportbench'
  spawnSync('userdel', [username])
  execFileSync('useradd', ['--home-dir', home, '--no-create-home', '--shell', '/bin/sh', username])
  execFileSync('chpasswd', { input: `${username}:${PASSWORD}\n` })
  mkdirSync(home, { recursive: true })
  execFileSync('chown', [username, home])
  return { username, forget: () => void spawnSync('userdel', [username]) }
}

function certificate(folder: string): string {
  const pem = join(folder, 'server.pem')
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  execFileSync('openssl', [...args, '-subj', '/CN=bench', '-keyout', pem, '-out', join(folder, 'cert.pem')], {
    stdio: 'ignore',
  })
  writeFileSync(pem, readFileSync(pem, 'utf8') + readFileSync(join(folder, 'cert.pem'), 'utf8'))
  return pem
}

async function vsftpd(program: string, folder: string): Promise<Measured> {
  mkdirSync(folder, { recursive: true })
  const { username } = makeUser(join(folder, '..', 'home'))
  const port = 21_211
  const configuration = {
    listen: 'YES',
    background: 'NO',
    listen_port: port,
    anonymous_enable: 'NO',
    local_enable: 'YES',
    write_enable: 'YES',
    pam_service_name: 'login',
    seccomp_sandbox: 'NO',
    ssl_enable: 'YES',
    force_local_data_ssl: 'NO',
    force_local_logins_ssl: 'NO',
    require_ssl_reuse: 'NO',
    ssl_ciphers: 'HIGH',
    rsa_cert_file: certificate(folder),
    // Ports rest for a while after use, and thousands are used within seconds.
    pasv_min_port: 10_000,
    pasv_max_port: 19_999,
  }
  const file = join(folder, 'vsftpd.conf')
  writeFileSync(
    file,
    `${Object.entries(configuration)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')}\n`,
  )
  return started('vsftpd', spawn(program, [file], { stdio: 'inherit' }), port, username)
}

async function pureFtpd(program: string, folder: string): Promise<Measured> {
  mkdirSync(folder, { recursive: true })
  const { username } = makeUser(join(folder, '..', 'home'))
  const port = 21_212
  const pem = certificate(folder)
  const args = [
    '-S',
    `127.0.0.1,${port}`,
    '-l',
    'unix',
    '-E',
    '-Y',
    '1',
    '-2',
    pem,
    '-p',
    '22000:31999',
    '-c',
    '2000',
    '-C',
    '2000',
  ]
  return started('pure-ftpd', spawn(program, args, { stdio: 'inherit' }), port, username)
}

async function started(name: string, child: ChildProcess, port: number, username: string): Promise<Measured> {
  for (let tried = 0; tried < 50; tried++) {
    const socket = connect(port, '127.0.0.1')
    const up = await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (up) break
    await setTimeout(100)
  }
  return {
    name,
    port,
    username,
    password: PASSWORD,
    pid: child.pid as number,
    async stop() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      spawnSync('userdel', [username])
    },
  }
}

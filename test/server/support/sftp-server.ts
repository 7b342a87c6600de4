import { once } from 'node:events'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { onTestFinished } from 'vitest'
import { diskFileArea } from '../../../files/disk-file-area.ts'
import type { FileArea } from '../../../files/file-area.ts'
import { StorageGuard } from '../../../files/storage-guard.ts'
import { createLog } from '../../../log.ts'
import type { Team } from '../../../model/team.ts'
import { AccessGuard } from '../../../server/access-guard.ts'
import { AccountRights } from '../../../server/account-rights.ts'
import { EventLog } from '../../../server/event-log.ts'
import { receiving } from '../../../server/receiving/upload-content.ts'
import { sftpEndpoint } from '../../../server/sftp/endpoint.ts'
import type { HostKeys } from '../../../server/sftp/host-keys.ts'
import type { SftpOptions } from '../../../server/sftp/sftp-options.ts'
import { UnconfirmedUploads } from '../../../server/uploads/unconfirmed-uploads.ts'
import type { Database } from '../../../store/postgres/database.ts'
import { NO_SIGNALS, SECRET } from './ftp-server.ts'

export interface TestSftpServer {
  port: number
  area: FileArea
  root: string
  /** The paths that were reported ready, in order. */
  ready: string[]
  stop(): Promise<void>
}

/** An endpoint of the test's own, stopped at its end. */
export async function startSftp(
  given: { db: Database; team: Team; teams: string; hostKeys: HostKeys } & Partial<SftpOptions>,
): Promise<TestSftpServer> {
  const root = join(given.teams, given.team.team)
  const area = diskFileArea(root)
  const ready: string[] = []
  const endpoint = sftpEndpoint({
    host: '127.0.0.1',
    port: 0,
    limits: { loginSeconds: 30, idleSeconds: 60 },
    access: new AccessGuard({
      maxConnections: 100,
      maxPerAddress: 100,
      maxPerAccount: 100,
      banAfter: 1000,
      banMinutes: 1,
      delayMilliseconds: 1,
      beginning: { burst: 1_000_000, perSecond: 1_000_000 },
      commands: { burst: 1_000_000, perSecond: 1_000_000 },
    }),
    rights: new AccountRights({ db: given.db, signals: NO_SIGNALS, log: createLog('silent') }),
    storage: new StorageGuard(),
    events: new EventLog(given.db, createLog('silent'), () => {}),
    receiving: receiving(),
    processName: 'rosterport/test',
    secret: SECRET,
    log: createLog('silent'),
    unconfirmed: new UnconfirmedUploads(),
    fileAreaOf: () => area,
    uploadReady: (_team, path) => void ready.push(path),
    ...given,
  })
  const address = await endpoint.start()
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= endpoint.stop()
    return stopped
  }
  onTestFinished(stop)
  return { port: Number(address.split(':').at(-1)), area, root, ready, stop }
}

/** A client of ssh2 that is logged in, ended with the test. */
export async function connectSsh(port: number, config: ssh2.ConnectConfig): Promise<ssh2.Client> {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  const ready = once(client, 'ready')
  client.connect({ host: '127.0.0.1', port, ...config })
  await ready
  client.setNoDelay(true)
  client.on('error', () => {})
  return client
}

/** The calls of ssh2's SFTP client as promises; they reject with the code and the words of the server. */
export class SftpClient {
  readonly sftp: ssh2.SFTPWrapper
  constructor(sftp: ssh2.SFTPWrapper) {
    this.sftp = sftp
  }

  static async open(client: ssh2.Client): Promise<SftpClient> {
    return new SftpClient(
      await new Promise((resolve, reject) => {
        client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)))
      }),
    )
  }

  /** `call('mkdir', '/in')` */
  // biome-ignore lint/suspicious/noExplicitAny: the calls answer what each of them answers
  call(name: keyof ssh2.SFTPWrapper, ...values: unknown[]): Promise<any> {
    return new Promise((resolve, reject) => {
      const method = this.sftp[name] as (...all: unknown[]) => void
      method.call(this.sftp, ...values, (error: Error | undefined, answer: unknown) =>
        error ? reject(error) : resolve(answer),
      )
    })
  }

  async put(path: string, content: string | Buffer, flags = 'w'): Promise<void> {
    const handle: Buffer = await this.call('open', path, flags)
    const data = Buffer.from(content)
    if (data.length > 0) await this.call('write', handle, data, 0, data.length, 0)
    await this.call('close', handle)
  }

  async get(path: string): Promise<string> {
    return (await this.call('readFile', path)).toString()
  }
}

import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import ssh2 from 'ssh2'
import { Abuser, type AbuserRights } from './abuser.ts'

/** Files that the abuses need in the root of the team, by path. */
export const ABUSE_FILES = (records: number): [path: string, content: string][] => [
  ['/cadence/imports/StudentData_check.csv', fileOf(records, (n) => `${n},Ann,Lee,716555${1000 + (n % 9000)},N,Law`)],
]

const HEADER = 'ID,First,Last,Cell,OptOut,Major'

function fileOf(records: number, record: (n: number) => string): string {
  return [HEADER, ...Array.from({ length: records }, (_, n) => record(n + 1)), ''].join('\r\n')
}

/** One turn of an abuse; it is repeated without a pause. */
type Turn = (abuser: Abuser, nth: number) => Promise<unknown>

interface Abuse {
  /** How many of it go on at the same time. */
  atOnce: number
  turn: Turn
}

const CHECKED = { path: '/cadence/imports/StudentData_check.csv' }
const LONG_PASSWORD = `a${'1'.repeat(200_000)}a`

/** What one team can do to a service that others share. */
export const ABUSES: Record<string, Abuse> = {
  'data ports opened and left': {
    atOnce: 45,
    turn: async (abuser) => {
      const session = await abuser.login()
      if (!session) return setTimeout(100)
      while (!abuser.closed && !session.socket.destroyed) {
        await session.dataPort()
        await setTimeout(1_000)
      }
    },
  },
  'sessions opened and left': { atOnce: 4, turn: async (abuser) => (await abuser.login())?.socket.destroy() },
  'SSH handshakes': {
    atOnce: 2,
    turn: async (abuser) => {
      const client = new ssh2.Client()
      client.on('error', () => {})
      const ended = once(client, 'close')
      client.connect({ sock: abuser.socket(abuser.rights.sftp), username: 'nobody', password: 'x' })
      await ended.catch(() => {})
    },
  },
  'dry runs': {
    atOnce: 6,
    turn: async (abuser) => {
      const { status } = await abuser.ask('POST', `/api/teams/${abuser.rights.team}/check`, JSON.stringify(CHECKED))
      if (status === 429) await setTimeout(50)
    },
  },
  folders: {
    atOnce: 1,
    turn: async (abuser, nth) => {
      const session = await abuser.login()
      if (!session) return setTimeout(100)
      for (let n = 0; n < 500 && !abuser.closed; n++) await session.send(`MKD /f${nth}-${n}`)
      session.socket.destroy()
    },
  },
  'rejected records': {
    atOnce: 1,
    turn: async (abuser) => {
      const file = fileOf(5_000, (n) => `${n},,,7,maybe,Law`)
      await abuser.ask('PUT', `/api/teams/${abuser.rights.team}/manual-import?fileName=bad.csv`, file)
    },
  },
  'test mails': {
    atOnce: 2,
    turn: (abuser) => abuser.ask('POST', `/api/teams/${abuser.rights.team}/test-email`),
  },
  'long passwords': {
    atOnce: 2,
    turn: async (abuser) => {
      const token = 'x'.repeat(43)
      await abuser.ask('POST', '/api/invitation', JSON.stringify({ token, password: LONG_PASSWORD }), false)
      await abuser.ask('POST', '/api/session', JSON.stringify({ email: 'a@b.test', password: LONG_PASSWORD }), false)
    },
  },
  'slow uploads': {
    atOnce: 4,
    turn: async (abuser, nth) => {
      const session = await abuser.login()
      const port = await session?.dataPort()
      if (!session || !port) return setTimeout(100)
      const data = abuser.socket(`127.0.0.1:${port}`)
      await session.send(`STOR /slow-${nth}.csv`)
      while (!abuser.closed && !data.destroyed && !session.socket.destroyed) {
        data.write('x')
        await setTimeout(200)
      }
    },
  },
  'slow headers and bodies': {
    atOnce: 40,
    turn: async (abuser, nth) => {
      const socket = abuser.socket(abuser.rights.http)
      const head = `POST /api/session HTTP/1.1\r\nHost: ${abuser.rights.http}\r\n`
      socket.write(nth % 2 === 0 ? head : `${head}Content-Length: 100000\r\n\r\n`)
      while (!abuser.closed && !socket.destroyed) {
        socket.write('x')
        await setTimeout(500)
      }
    },
  },
  'big listings': {
    atOnce: 2,
    turn: async (abuser) => {
      await abuser.ask('GET', `/api/teams/${abuser.rights.team}/files`)
      await abuser.ask('GET', `/api/teams/${abuser.rights.team}/contacts.csv`)
      await abuser.ask('GET', '/api/audit?limit=200')
    },
  },
  'live pages': {
    atOnce: 40,
    turn: async (abuser) => {
      const socket = abuser.socket(abuser.rights.http)
      const { team, cookie, http } = abuser.rights
      socket.write(`GET /teams/${team}/imports/live HTTP/1.1\r\nHost: ${http}\r\nCookie: ${cookie}\r\n\r\n`)
      socket.resume()
      while (!abuser.closed && !socket.destroyed) await setTimeout(500)
    },
  },
}

export interface Abusing {
  /** How many turns of each abuse have begun. */
  readonly begun: Readonly<Record<string, number>>
  stop(): Promise<void>
}

/** Does those named at once, a share of each, until it is stopped. What is refused, cut or throttled is tried again. */
export function abuse(rights: AbuserRights, share = 1, names: readonly string[] = Object.keys(ABUSES)): Abusing {
  const abuser = new Abuser(rights)
  const begun: Record<string, number> = {}
  const lane = async (name: string, { turn }: Abuse) => {
    while (!abuser.closed) {
      begun[name] = (begun[name] ?? 0) + 1
      // A turn that is refused at once must not keep this thread from the others.
      await turn(abuser, begun[name]).catch(() => setTimeout(20))
      await setTimeout(1)
    }
  }
  const lanes = Object.entries(ABUSES)
    .filter(([name]) => names.includes(name))
    .flatMap(([name, one]) => Array.from({ length: Math.max(1, Math.ceil(one.atOnce * share)) }, () => lane(name, one)))
  return {
    begun,
    async stop() {
      abuser.close()
      await Promise.all(lanes)
    },
  }
}

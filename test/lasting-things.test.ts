import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** What makes something that may outlive the right with which it was asked for. */
const MAKES =
  /(?<!function\*? )\b(?:streamSSE|streamText|stream|streamed|bodyOf|checkStoredFile|createServer|new ReadableStream|new \w*(?:Session|Connection))\(/g
const IMPORT = /^import .*$/gm

const SESSIONS = 'test/server/account-rights.test.ts'
const REQUESTS = 'test/end-to-end/kept-rights.test.ts'

/**
 * Each of them in `server/` and `web/`, and the test that shows its end. A new one has no line here: give it one, and a row in
 * that test. Sessions end by `server/account-rights.ts`, requests behind the sign-in by `web/http/sessions/kept-rights.ts`.
 */
const LASTING: Record<string, { makes: string[]; shownIn: string; as: string[] }> = {
  'server/ftp/endpoint.ts': { makes: ['new FtpSession'], shownIn: SESSIONS, as: ['a session over TLS', 'an upload'] },
  'server/ftp/transfers/passive-listener.ts': {
    makes: ['createServer'],
    shownIn: SESSIONS,
    as: ['a transfer whose data connection does not come', 'a download'],
  },
  'server/sftp/connection.ts': { makes: ['new SftpSession'], shownIn: SESSIONS, as: ['an SFTP upload'] },
  'server/sftp/endpoint.ts': {
    makes: ['createServer', 'new SftpConnection'],
    shownIn: SESSIONS,
    as: ['an SFTP session that does nothing'],
  },
  'web/activity/api.ts': { makes: ['streamed'], shownIn: REQUESTS, as: ['a download of the activity'] },
  'web/configure/check-api.ts': {
    makes: ['checkStoredFile', 'streamSSE', 'checkStoredFile'],
    shownIn: REQUESTS,
    as: ['a check with events'],
  },
  'web/configure/pages.ts': { makes: ['checkStoredFile'], shownIn: REQUESTS, as: ['a check with events'] },
  'web/contacts/api.ts': { makes: ['streamed'], shownIn: REQUESTS, as: ['a download of contacts'] },
  'web/http/answers/streamed.ts': { makes: ['new ReadableStream'], shownIn: REQUESTS, as: ['a download of contacts'] },
  'web/imports/pages.ts': { makes: ['streamSSE'], shownIn: REQUESTS, as: ['the live imports page'] },
  'web/manual-import/api.ts': { makes: ['bodyOf'], shownIn: REQUESTS, as: ['an upload of a manual import'] },
  'web/manual-import/pages.ts': {
    makes: ['checkStoredFile', 'bodyOf'],
    shownIn: REQUESTS,
    as: ['an upload of a manual import', 'a check with events'],
  },
  'web/runs/api.ts': { makes: ['streamSSE'], shownIn: REQUESTS, as: ['the events of a run'] },
  'web/runs/batches-api.ts': {
    makes: ['checkStoredFile', 'streamed'],
    shownIn: REQUESTS,
    as: ['a check with events', 'a download of contacts'],
  },
  'web/runs/pages.ts': { makes: ['streamSSE'], shownIn: REQUESTS, as: ['the live page of a run'] },
}

const root = join(import.meta.dirname, '..')

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function madeIn(path: string): string[] {
  const text = readFileSync(join(root, path), 'utf8').replace(IMPORT, '')
  return (text.match(MAKES) ?? []).map((made) => made.slice(0, -1))
}

test('everything that lasts ends with the right to it', () => {
  const found = [...sources('server'), ...sources('web')]
    .map((path) => [path, madeIn(path)] as const)
    .filter(([, makes]) => makes.length > 0)
  const listed = Object.entries(LASTING).map(([path, { makes }]) => [path, makes] as const)
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(listed))
})

test.each(Object.entries(LASTING))('%s: its end is shown', (_path, { shownIn, as }) => {
  const text = readFileSync(join(root, shownIn), 'utf8')
  for (const title of as) expect(text).toContain(`'${title}'`)
})

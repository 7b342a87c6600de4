import { once } from 'node:events'
import { request } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import type { CheckStoredFile } from '../../../ingest/check-file.ts'
import { UNSAVED_SETTINGS } from '../../../model/import-settings.ts'
import { NO_COUNTS } from '../../../model/run.ts'
import type { Signal } from '../../../store/postgres/signals.ts'
import { saveSettings } from '../../../store/settings.ts'
import { createTeam } from '../../../store/teams.ts'
import { testWeb } from '../../support/web.ts'

/** The check that goes on until it is cancelled. */
let begun = Promise.withResolvers<Parameters<CheckStoredFile>[2]>()
const listeners: ((signal: Signal) => void)[] = []
const {
  db,
  signIn,
  request: send,
  address,
} = testWeb({
  signals: {
    subscribe: (listener) => {
      listeners.push(listener)
      return () => {}
    },
  },
  checkStoredFile: (_team, _path, work) => {
    begun.resolve(work)
    return new Promise((_, reject) => work.signal.addEventListener('abort', () => reject(work.signal.reason)))
  },
})
const AT = '/api/teams/admissions/check'
let cookie: string

beforeAll(async () => {
  const team = await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  if (!team) throw new Error('the team was not made')
  const { version: _, ...body } = UNSAVED_SETTINGS
  const fields = { contactId: 'ID', firstName: 'First', lastName: 'Last', mobileNumber: 'Cell', staffId: null }
  await saveSettings(db, team.id, 0, { ...body, fields }, 'test')
  cookie = await signIn()
})

const origin = 'https://files.example.edu'

/** A check that has begun. */
async function check(accept: string, cookie: string) {
  begun = Promise.withResolvers()
  const headers = { accept, cookie, origin, 'content-type': 'application/json' }
  const asked = request(`http://${address()}${AT}`, { method: 'POST', headers })
  asked.on('error', () => {})
  asked.end(JSON.stringify({ path: '/in/a.csv' }))
  const { signal, progress } = await begun.promise
  progress({ ...NO_COUNTS, records: 20_000, bytesRead: 1, bytes: 2 })
  expect(signal.aborted).toBe(false)
  return { asked, cancelled: once(signal, 'abort') }
}

for (const accept of ['application/json', 'text/event-stream']) {
  test(`whoever closes the connection cancels the check (${accept})`, async () => {
    const { asked, cancelled } = await check(accept, cookie)
    asked.destroy()
    await cancelled
  })

  test(`a sign-out cancels the check (${accept})`, async () => {
    const own = await signIn()
    const { cancelled } = await check(accept, own)
    expect((await send('DELETE', '/api/session', { cookie: own, origin })).status).toBe(204)
    for (const tell of listeners) tell({ kind: 'rights', of: '', account: null })
    await cancelled
  })
}

import { expect, test } from 'vitest'
import { isDatabaseAway } from '../../../store/postgres/database-errors.ts'

const coded = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more })

const cases = [
  { title: 'a refused connection', error: coded('ECONNREFUSED'), away: true },
  { title: 'a missing socket', error: coded('ENOENT', { syscall: 'connect' }), away: true },
  { title: 'a missing file', error: coded('ENOENT', { syscall: 'open' }), away: false },
  { title: 'a server that shuts down', error: coded('57P01'), away: true },
  { title: 'a server that starts', error: coded('57P03'), away: true },
  { title: 'a server with too many connections', error: coded('53300'), away: true },
  { title: 'a connection that broke', error: new Error('Connection terminated unexpectedly'), away: true },
  { title: 'a pool that waited in vain', error: new Error('timeout exceeded when trying to connect'), away: true },
  { title: 'a wrong query', error: coded('42601'), away: false },
  { title: 'a violated key', error: coded('23505'), away: false },
  { title: 'what is no error', error: 'ECONNREFUSED', away: false },
]
for (const { title, error, away } of cases)
  test(`${title} ${away ? 'means' : 'does not mean'} that database unreachable`, () => {
    expect(isDatabaseAway(error)).toBe(away)
  })

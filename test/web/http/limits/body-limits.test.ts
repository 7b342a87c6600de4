import { once } from 'node:events'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { createLog } from '../../../../log.ts'
import { startHttpServer } from '../../../../web/http/http-server.ts'
import { bodyLimits } from '../../../../web/http/limits/body-limits.ts'
import type { AnyRequest } from '../../../../web/http/request-context.ts'
import { testWeb } from '../../../support/web.ts'

test('a body that does not come within its time is cut, whoever sends it; one that is in time is not', async () => {
  let reached = 0
  const app = new Hono<AnyRequest>().use(bodyLimits(150)).post('/api/session', async (c) => {
    reached += (await c.req.text()).length
    return c.text('whole')
  })
  app.onError((_, c) => c.body(null, 400))
  const server = await startHttpServer({ app, host: '127.0.0.1', port: 0, tls: null })
  try {
    expect(await (await fetch(`http://${server.address}/api/session`, { method: 'POST', body: '{}' })).text()).toBe(
      'whole',
    )
    const begun = performance.now()
    const slow = connect(Number(server.address.split(':')[1]), '127.0.0.1')
    slow.on('error', () => {})
    slow.write('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"email":')
    await once(slow, 'close')
    expect(performance.now() - begun).toBeGreaterThan(100)
    expect(reached).toBe(2)
  } finally {
    await server.stop(0)
  }
})

const lines: { level: string; msg: string; status?: number }[] = []
const { address, request } = testWeb({
  log: createLog('info', { write: (line) => void lines.push(JSON.parse(line)) }),
})

test('a request that breaks off is no fault of the server', async () => {
  const half = connect(Number(address().split(':')[1]), '127.0.0.1')
  half.write('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"email":')
  await once(half, 'connect')
  half.end()
  await expect.poll(() => lines.filter(({ msg }) => msg === 'request')).toMatchObject([{ status: 400 }])
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a body past 1 MiB and a compressed one are refused before anyone is asked who they are', async () => {
  const large = await request('POST', '/api/teams', { accept: 'application/json' }, 'x'.repeat(1024 * 1024 + 1))
  expect(large.status).toBe(413)
  const packed = await fetch(`http://${address()}/api/session`, {
    method: 'POST',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('{}'),
  })
  expect(packed.status).toBe(415)
})

test('a body past 64 KiB is refused where nobody has to sign in', async () => {
  for (const path of ['/sign-in', '/api/session', '/invitation', '/api/invitation']) {
    const large = await request('POST', path, { accept: 'application/json' }, 'x'.repeat(64 * 1024 + 1))
    expect([path, large.status]).toEqual([path, 413])
  }
})

import { Hono } from 'hono'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientAddress } from '../../../web/http/client-address.ts'
import { type HttpServer, startHttpServer } from '../../../web/http/http-server.ts'
import type { AnyRequest } from '../../../web/http/request-context.ts'

const cases = [
  {
    title: 'without a trusted proxy the header counts for nothing',
    proxies: [],
    forwarded: '192.0.2.9',
    seen: '127.0.0.1',
  },
  { title: 'a trusted proxy says who called it', proxies: ['127.0.0.0/8'], forwarded: '192.0.2.9', seen: '192.0.2.9' },
  {
    title: 'what the client wrote itself is not believed',
    proxies: ['127.0.0.1'],
    forwarded: '10.0.0.1, 192.0.2.9',
    seen: '192.0.2.9',
  },
  {
    title: 'a chain of trusted proxies is followed',
    proxies: ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'],
    forwarded: '1.1.1.1, 192.0.2.9, 2001:db8::5, 10.0.0.1',
    seen: '192.0.2.9',
  },
  { title: 'nonsense is ignored', proxies: ['127.0.0.1'], forwarded: 'x"><script>', seen: '127.0.0.1' },
]
for (const { title, proxies, forwarded, seen } of cases) {
  let server: HttpServer
  beforeAll(async () => {
    const app = new Hono<AnyRequest>().use(clientAddress(proxies)).get('/', (c) => c.text(c.var.address))
    server = await startHttpServer({ app, host: '127.0.0.1', port: 0, tls: null })
  })
  afterAll(() => server.stop())
  test(title, async () => {
    const response = await fetch(`http://${server.address}`, { headers: { 'x-forwarded-for': forwarded } })
    expect(await response.text()).toBe(seen)
  })
}

import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:net'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { startHttpServer } from '../../../web/http/http-server.ts'
import { issue } from '../../support/tls-files.ts'

const HOST = '127.0.0.1'

function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

test('stopping lets the request in progress end and does not wait for idle connections', async () => {
  const entered = gate()
  const answer = gate()
  const app = {
    fetch: async ({ url }: Request) => {
      if (url.endsWith('/slow')) {
        entered.open()
        await answer.opened
      }
      return new Response('whole')
    },
  }
  const server = await startHttpServer({ app, host: HOST, port: 0, tls: null })
  const url = `http://${server.address}`
  expect(await (await fetch(url)).text()).toBe('whole')
  const slow = fetch(`${url}/slow`).then((response) => response.text())
  await entered.opened
  const begun = performance.now()
  const stopped = server.stop(20_000)
  await expect(fetch(url)).rejects.toThrow()
  answer.open()
  expect(await slow).toBe('whole')
  await stopped
  expect(performance.now() - begun).toBeLessThan(2000)
})

test('what does not end within the time of grace is cut', async () => {
  const entered = gate()
  const app = {
    fetch: () => {
      entered.open()
      return new Promise<Response>(() => {})
    },
  }
  const server = await startHttpServer({ app, host: HOST, port: 0, tls: null })
  const endless = fetch(`http://${server.address}`)
  const cut = expect(endless).rejects.toThrow()
  await entered.opened
  await server.stop(50)
  await cut
})

test('a port that is taken is an error', async () => {
  const app = { fetch: () => new Response('') }
  const first = await startHttpServer({ app, host: HOST, port: 0, tls: null })
  const port = Number(first.address.split(':')[1])
  await expect(startHttpServer({ app, host: HOST, port, tls: null })).rejects.toThrow('EADDRINUSE')
  await first.stop()
})

test('with a certificate of its own the service speaks TLS', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'files.example.edu' }])
  const app = { fetch: () => new Response('over TLS') }
  const server = await startHttpServer({ app, host: HOST, port: 0, tls: { cert, key } })
  const text = await new Promise((resolve, reject) => {
    const call = request(
      `https://${server.address}`,
      { ca: cert, checkServerIdentity: () => undefined },
      (response) => {
        response.setEncoding('utf8').on('data', resolve)
      },
    )
    call.on('error', reject).end()
  })
  expect(text).toBe('over TLS')
  await server.stop()
})

const HEADERS_WITHIN_MS = 200

for (const { title, secure, sent } of [
  { title: 'whose headers never end', secure: false, sent: 'GET / HTTP/1.1\r\nHost: x\r\n' },
  { title: 'that sends nothing', secure: false, sent: '' },
  { title: 'whose TLS handshake never ends', secure: true, sent: '\x16\x03\x01' },
])
  test(`a connection ${title} is cut within the limit, not when somebody happens to look`, async () => {
    const app = { fetch: () => new Response('') }
    const tls = secure ? await issue('files.example.edu') : null
    const server = await startHttpServer({ app, host: HOST, port: 0, tls, headersWithinMs: HEADERS_WITHIN_MS })
    const socket = connect(Number(server.address.split(':')[1]), HOST)
    socket.on('error', () => {}).resume()
    const begun = performance.now()
    socket.write(sent)
    await once(socket, 'close')
    expect(performance.now() - begun).toBeLessThan(10_000)
    await server.stop()
  })

const BOTH = 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
const ODD = [
  { title: 'a body of two lengths, which a proxy may read otherwise', text: `POST / HTTP/1.1\r\nHost: x\r\n${BOTH}` },
  { title: 'a header with a blank before its colon', text: 'GET / HTTP/1.1\r\nHost : x\r\n\r\n' },
  { title: 'a line break that is none', text: 'GET / HTTP/1.1\nHost: x\n\n' },
]
for (const { title, text } of ODD)
  test(`${title}: refused, and nothing behind it is read as a request`, async () => {
    let requests = 0
    const app = {
      fetch: () => {
        requests++
        return new Response('')
      },
    }
    const server = await startHttpServer({ app, host: HOST, port: 0, tls: null })
    const socket = connect(Number(server.address.split(':')[1]), HOST)
    const answer = socket.toArray()
    socket.write(`${text}GET /behind HTTP/1.1\r\nHost: x\r\n\r\n`)
    expect(String(Buffer.concat(await answer))).toMatch(/^HTTP\/1\.1 400 /)
    expect(requests).toBe(0)
    await server.stop()
  })

const SUITES: { title: string; options: ConnectionOptions; taken: boolean }[] = [
  ...['AES128-SHA', 'AES256-SHA256', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'ECDHE-RSA-AES128-SHA'].map(
    (ciphers) => ({
      title: `TLS 1.2 with ${ciphers}`,
      options: { maxVersion: 'TLSv1.2' as const, ciphers: `${ciphers}:@SECLEVEL=0` },
      taken: false,
    }),
  ),
  ...['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-CHACHA20-POLY1305'].map((ciphers) => ({
    title: `TLS 1.2 with ${ciphers}`,
    options: { maxVersion: 'TLSv1.2' as const, ciphers },
    taken: true,
  })),
  { title: 'TLS 1.3', options: { minVersion: 'TLSv1.3' as const }, taken: true },
]
for (const { title, options, taken } of SUITES)
  test(`with an RSA certificate ${title} is ${taken ? 'taken' : 'refused'}`, async () => {
    const tls = await issue('files.example.edu', { bits: 2048 })
    const server = await startHttpServer({ app: { fetch: () => new Response('') }, host: HOST, port: 0, tls })
    const socket = tlsConnect({
      host: HOST,
      port: Number(server.address.split(':')[1]),
      ca: tls.cert,
      rejectUnauthorized: false,
      ...options,
    })
    const result = await Promise.race([
      once(socket, 'secureConnect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    await server.stop(0)
    expect(result).toBe(taken)
  })

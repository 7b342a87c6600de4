import { request } from 'node:https'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { startHttpServer } from '../../../web/http/http-server.ts'

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

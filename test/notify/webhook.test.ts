import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { addressMatcher } from '../../model/network.ts'
import { keyOfSecret } from '../../model/webhook.ts'
import { type WebhookParts, webhookJudge, webhookSender } from '../../notify/webhook.ts'
import { issue } from '../support/tls-files.ts'

const EXAMPLE = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  body: '{"test": 2432232314}',
  keys: [keyOfSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw') as Buffer],
}
const LOOPBACK = addressMatcher(['127.0.0.0/8'])

function sender(parts: Partial<WebhookParts> = {}) {
  return webhookSender({ isAllowed: LOOPBACK, now: () => new Date(1_614_265_330_000), ...parts })
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

async function receiver(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listening(createServer(answer))}/hook`
}

test('over HTTPS, the signature is that of the example of Standard Webhooks', async () => {
  const { cert, key } = await issue('hooks.example.edu')
  const heard: object[] = []
  const server = createTlsServer({ cert, key }, async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ ...request.headers, body })
    response.writeHead(202).end('thanks')
  })
  const port = await listening(server)
  const send = sender({ ca: cert, lookup: async () => [{ address: '127.0.0.1' }] })
  const answer = await send({ ...EXAMPLE, url: `https://hooks.example.edu:${port}/` })
  expect(answer).toMatchObject({ status: 202, text: 'thanks' })
  expect(heard).toEqual([
    expect.objectContaining({
      'webhook-id': EXAMPLE.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      'content-type': 'application/json',
      body: EXAMPLE.body,
    }),
  ])
})

test('a certificate for another name is refused', async () => {
  const { cert, key } = await issue('other.example.edu')
  const port = await listening(createTlsServer({ cert, key }, (_, response) => response.end()))
  const send = sender({ ca: cert, lookup: async () => [{ address: '127.0.0.1' }] })
  await expect(send({ ...EXAMPLE, url: `https://hooks.example.edu:${port}/` })).rejects.toThrow('ALTNAME_INVALID')
})

test('a name is looked up once: what the DNS says later leads nowhere else', async () => {
  let reached = 0
  const port = await listening(createServer((_, response) => void response.end(String(++reached))))
  const answers = ['127.0.0.1', '169.254.169.254']
  const lookup = async () => [{ address: answers.shift() as string }]
  const send = sender({ lookup })
  expect(await send({ ...EXAMPLE, url: `http://hooks.example.edu:${port}/` })).toMatchObject({ status: 200, text: '1' })
  expect(answers).toEqual(['169.254.169.254'])
  await expect(send({ ...EXAMPLE, url: `http://hooks.example.edu:${port}/` })).rejects.toThrow('may not reach')
})

const FORBIDDEN = [
  ...['http://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f.0.0.1/', 'https://[::1]/'],
  ...[
    'https://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://[fd00::1]/',
  ],
]
for (const url of FORBIDDEN)
  test(`an event is not sent to ${url}`, async () => {
    const send = sender({ isAllowed: () => false })
    await expect(send({ ...EXAMPLE, url })).rejects.toThrow('is in a network that webhooks may not reach')
  })

test('a name with a public and a private address is not sent to', async () => {
  const send = sender({ isAllowed: () => false, lookup: async () => [{ address: '1.1.1.1' }, { address: '10.0.0.1' }] })
  await expect(send({ ...EXAMPLE, url: 'https://mixed.example.edu/' })).rejects.toThrow('may not reach')
})

test('without TLS an event goes to allowed networks alone', async () => {
  const send = sender({ lookup: async () => [{ address: '1.1.1.1' }] })
  await expect(send({ ...EXAMPLE, url: 'http://public.example.edu/' })).rejects.toThrow('begins with https://')
})

test('an address is judged before it is saved as it is before an event, and a name that nobody knows yet is left', async () => {
  const lookup = async (name: string) => {
    if (name === 'unknown.example.edu') throw new Error('ENOTFOUND')
    return [{ address: name.startsWith('inner') ? '10.0.0.1' : '1.1.1.1' }]
  }
  const judge = webhookJudge({ isAllowed: (address) => address === '192.168.7.7', lookup })
  const judged = async (url: string) => (await judge(url)) === null
  for (const url of [...FORBIDDEN, 'https://inner.example.edu/']) expect([url, await judged(url)]).toEqual([url, false])
  for (const url of ['http://public.example.edu/', 'http://unknown.example.edu/'])
    expect(await judge(url)).toContain('begins with https://')
  for (const url of ['https://public.example.edu/', 'https://unknown.example.edu/', 'http://192.168.7.7/'])
    expect([url, await judged(url)]).toEqual([url, true])
})

test('a redirect is an answer like any other', async () => {
  const paths: string[] = []
  const url = await receiver((request, response) => {
    paths.push(request.url as string)
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect((await sender()({ ...EXAMPLE, url })).status).toBe(307)
  expect(paths).toEqual(['/hook'])
})

test('of an answer without end 64 KB are read', async () => {
  let written = 0
  const url = await receiver((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384
    }
    response.on('drain', more)
    more()
  })
  expect((await sender()({ ...EXAMPLE, url })).text).toBe('x'.repeat(500))
  expect(written).toBeLessThan(16e6)
})

test('a receiver that says nothing, or half of an answer, is left after the time', async () => {
  const silent = `http://127.0.0.1:${await listening(createTcpServer((socket) => socket.on('error', () => {})))}/`
  const half = await receiver((_, response) => response.writeHead(200).write('so far'))
  const send = sender({ patienceMs: 100 })
  await expect(send({ ...EXAMPLE, url: silent })).rejects.toThrow('No answer within 0.1 seconds.')
  await expect(send({ ...EXAMPLE, url: half })).rejects.toThrow('No answer within 0.1 seconds.')
  const slowNames = sender({ patienceMs: 100, lookup: () => new Promise(() => {}) })
  await expect(slowNames({ ...EXAMPLE, url: 'https://slow.example.edu/' })).rejects.toThrow('No answer within')
})

import { raw } from 'hono/html'
import type { SSEStreamingApi } from 'hono/streaming'
import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { sendFragments } from '../../../web/ui/fragments.ts'
import { LiveLooks } from '../../../web/ui/live-looks.ts'
import { ServerHealth } from '../../../web/ui/server-health.ts'

test('a live page is sent the health of the server, so that it need not ask for it', async () => {
  const now = () => new Date('2026-11-22T19:12:00Z')
  const sent: { event?: string; data: string }[] = []
  const stream = {
    closed: false,
    aborted: false,
    onAbort() {},
    async writeSSE(message: (typeof sent)[number]) {
      sent.push(message)
      stream.closed = message.event === 'alive'
    },
  }
  const viewer = {
    looks: new LiveLooks({ subscribe: () => () => {} }),
    page: { key: '7', teamId: 7 },
    token: null,
    log: createLog('error'),
    health: new ServerHealth([{ title: 'Database', check: async () => '4 ms' }], now),
    now,
  }
  await sendFragments(stream as unknown as SSEStreamingApi, viewer, async () => ({
    fragments: [['part', raw('<p id="part">1</p>')]],
    hurry: true,
  }))
  expect(sent.map(({ event }) => event)).toEqual(['fragment', 'alive'])
  const health = JSON.parse(sent[1]?.data ?? '')
  expect(health).toContain('id="health-side"')
  expect(health).toContain('4 ms')
})

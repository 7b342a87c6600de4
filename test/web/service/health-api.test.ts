import { expect, test } from 'vitest'
import { createLog } from '../../../log.ts'
import { healthRoutes } from '../../../web/service/health-api.ts'
import { Degraded } from '../../../web/ui/server-health.ts'

test('a part in trouble is logged when its state changes, not at each probe', async () => {
  const said: Record<string, unknown>[] = []
  const log = createLog('info', { write: (line: string) => void said.push(JSON.parse(line)) })
  let fault: Error | null = null
  const routes = healthRoutes(
    {
      mail: async () => {
        if (fault) throw fault
      },
      ftp: async () => {},
    },
    log,
  )
  const probeThrice = async () => {
    said.length = 0
    const answers = []
    for (let probe = 0; probe < 3; probe++) {
      const response = await routes.request('/readyz')
      answers.push(`${response.status} ${((await response.json()) as { status: string }).status}`)
    }
    const [status, ...others] = new Set(answers)
    expect(others).toEqual([])
    return { status, said: said.map(({ time: _, ...line }) => line) }
  }
  const notReady = { level: 'warn', part: 'mail', msg: 'part not ready' }

  expect(await probeThrice()).toEqual({ status: '200 ready', said: [] })
  for (const reason of ['mail is due', 'the server refuses']) {
    fault = new Degraded(reason)
    expect(await probeThrice()).toEqual({ status: '200 degraded', said: [{ ...notReady, reason }] })
  }
  fault = new Degraded('disk full: 1.5 GB free')
  await probeThrice()
  fault = new Degraded('disk full: 1.4 GB free')
  expect((await probeThrice()).said).toEqual([])
  fault = new Error('connection lost')
  expect(await probeThrice()).toEqual({
    status: '503 not ready',
    said: [{ ...notReady, reason: 'connection lost', err: expect.objectContaining({ message: 'connection lost' }) }],
  })
  fault = null
  expect(await probeThrice()).toEqual({
    status: '200 ready',
    said: [{ level: 'info', part: 'mail', msg: 'part ready again' }],
  })
})

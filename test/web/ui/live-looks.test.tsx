import { raw } from 'hono/html'
import { expect, test } from 'vitest'
import type { Signal } from '../../../store/postgres/signals.ts'
import { Form } from '../../../web/ui/components/form.tsx'
import { LiveLooks, type Shown } from '../../../web/ui/live-looks.ts'

const listeners = new Set<(signal: Signal) => void>()
const signals = {
  subscribe(listener: (signal: Signal) => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}
const tell = (signal: Signal) => {
  for (const listener of listeners) listener(signal)
}
const SEVEN = { key: '7', teamId: 7 }
const EIGHT = { key: '8', teamId: 8 }

/** A look that counts how often it was asked, and shows that number. */
function counting(hurry = true) {
  let asked = 0
  return {
    times: () => asked,
    look: async () => {
      asked++
      return { fragments: [['part', raw(`<p>${asked}</p>`)] as const], hurry }
    },
  }
}

const htmlOf = ({ fragments }: Shown) => fragments.map(([, html]) => html)

test('a hundred who watch the same cost one look', async () => {
  const { look, times } = counting()
  const looks = new LiveLooks(signals)
  const viewers = Array.from({ length: 100 }, () => looks.watch(SEVEN, look))
  const first = await Promise.all(viewers.map((viewer) => viewer.next()))
  const second = await Promise.all(viewers.map((viewer) => viewer.next()))
  expect(times()).toBe(2)
  for (const shown of first) expect(htmlOf(shown)).toEqual(['<p>1</p>'])
  for (const shown of second) expect(htmlOf(shown)).toEqual(['<p>2</p>'])
})

test('those who watch something else have a look of their own', async () => {
  const [one, other] = [counting(), counting()]
  const looks = new LiveLooks(signals)
  await Promise.all([looks.watch(SEVEN, one.look).next(), looks.watch(EIGHT, other.look).next()])
  expect([one.times(), other.times()]).toEqual([1, 1])
})

test('nobody looks once all have left', async () => {
  const { look, times } = counting()
  const looks = new LiveLooks(signals)
  const [stays, leaves] = [looks.watch(SEVEN, look), looks.watch(SEVEN, look)]
  await Promise.all([stays.next(), leaves.next()])
  leaves.leave()
  await stays.next()
  stays.leave()
  expect(times()).toBe(2)
  expect(htmlOf(await looks.watch(SEVEN, look).next())).toEqual(['<p>3</p>'])
})

test('a look that fails ends all who wait for it, and the next one to come looks anew', async () => {
  const { look } = counting()
  const looks = new LiveLooks(signals)
  const failing = () => Promise.reject(new Error('the database is away'))
  const ends = await Promise.allSettled([looks.watch(SEVEN, failing).next(), looks.watch(SEVEN, failing).next()])
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(htmlOf(await looks.watch(SEVEN, look).next())).toEqual(['<p>1</p>'])
})

test('a form that is shown to several carries the token of each session', async () => {
  const looks = new LiveLooks(signals)
  const look = async () => ({ fragments: [['part', <Form action="/run-import" />] as const], hurry: true })
  const [html = ''] = htmlOf(await looks.watch(SEVEN, look).next())
  expect(looks.withToken(html, 'of-dana')).toContain('name="formToken" value="of-dana"')
  expect(looks.withToken(html, 'of-lee')).toBe(looks.withToken(html, 'of-dana').replace('of-dana', 'of-lee'))
})

test('nobody looks while nothing happens, and what happens to another team is nothing', async () => {
  const { look, times } = counting(false)
  const watching = new LiveLooks(signals).watch(SEVEN, look)
  await watching.next()
  let isThere = false
  const next = watching.next().then(() => {
    isThere = true
  })
  for (const signal of [{ kind: 'team', teamId: 8 }, { kind: 'file_due' }] as const) tell(signal)
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect([times(), isThere]).toEqual([1, false])
  tell({ kind: 'team', teamId: 7 })
  await next
  expect(times()).toBe(2)
})

test('what happens during a look is looked at again', async () => {
  const looks = new LiveLooks(signals)
  let times = 0
  const watching = looks.watch(SEVEN, async () => {
    times++
    if (times === 1) tell({ kind: 'schedule' })
    return { fragments: [], hurry: false }
  })
  await watching.next()
  await watching.next()
  expect(times).toBe(2)
})

import { raw } from 'hono/html'
import { expect, test } from 'vitest'
import { Form } from '../../../web/ui/components/form.tsx'
import { LiveLooks } from '../../../web/ui/live-looks.ts'

/** A look that counts how often it was asked, and shows that number. */
function counting() {
  let asked = 0
  return {
    times: () => asked,
    look: async () => {
      asked++
      return { fragments: [['part', raw(`<p>${asked}</p>`)] as const], hurry: true }
    },
  }
}

const htmlOf = ({ value }: IteratorResult<{ fragments: readonly (readonly [string, string])[] }>) =>
  value.fragments.map(([, html]: readonly [string, string]) => html)

test('a hundred who watch the same cost one look', async () => {
  const { look, times } = counting()
  const looks = new LiveLooks()
  const viewers = Array.from({ length: 100 }, () => looks.watch('7', look))
  const first = await Promise.all(viewers.map((viewer) => viewer.next()))
  const second = await Promise.all(viewers.map((viewer) => viewer.next()))
  expect(times()).toBe(2)
  for (const shown of first) expect(htmlOf(shown)).toEqual(['<p>1</p>'])
  for (const shown of second) expect(htmlOf(shown)).toEqual(['<p>2</p>'])
})

test('those who watch something else have a look of their own', async () => {
  const [one, other] = [counting(), counting()]
  const looks = new LiveLooks()
  await Promise.all([looks.watch('7', one.look).next(), looks.watch('8', other.look).next()])
  expect([one.times(), other.times()]).toEqual([1, 1])
})

test('nobody looks once all have left', async () => {
  const { look, times } = counting()
  const looks = new LiveLooks()
  const [stays, leaves] = [looks.watch('7', look), looks.watch('7', look)]
  await Promise.all([stays.next(), leaves.next()])
  await leaves.return(undefined as never)
  await stays.next()
  await stays.return(undefined as never)
  expect(times()).toBe(2)
  expect(htmlOf(await looks.watch('7', look).next())).toEqual(['<p>3</p>'])
})

test('a look that fails ends all who wait for it, and the next one to come looks anew', async () => {
  const { look } = counting()
  const looks = new LiveLooks()
  const failing = () => Promise.reject(new Error('the database is away'))
  const ends = await Promise.allSettled([looks.watch('7', failing).next(), looks.watch('7', failing).next()])
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(htmlOf(await looks.watch('7', look).next())).toEqual(['<p>1</p>'])
})

test('a form that is shown to several carries the token of each session', async () => {
  const looks = new LiveLooks()
  const look = async () => ({ fragments: [['part', <Form action="/run-import" />] as const], hurry: true })
  const [html = ''] = htmlOf(await looks.watch('7', look).next())
  expect(looks.withToken(html, 'of-dana')).toContain('name="formToken" value="of-dana"')
  expect(looks.withToken(html, 'of-lee')).toBe(looks.withToken(html, 'of-dana').replace('of-dana', 'of-lee'))
})

test('while nothing happens and nothing moves, a page is not looked at again', async () => {
  const { look, times } = counting()
  let beat = 'a'
  let still = true
  const viewer = new LiveLooks().watch(
    '7',
    async () => ({ ...(await look()), still }),
    async () => beat,
  )
  const next = async () => htmlOf(await viewer.next())
  expect([await next(), await next()]).toEqual([['<p>1</p>'], ['<p>1</p>']])
  beat = 'b'
  still = false
  expect(await next()).toEqual(['<p>2</p>'])
  // What moves is looked at again and again.
  expect(await next()).toEqual(['<p>3</p>'])
  expect(times()).toBe(3)
})

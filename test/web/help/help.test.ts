import { beforeAll, expect, test } from 'vitest'
import { createTeam } from '../../../store/teams.ts'
import { HELP } from '../../../web/help/documents.ts'
import { testWeb } from '../../support/web.ts'

const { db, request, signIn } = testWeb()
let cookie = ''

beforeAll(async () => {
  await createTeam(db, { team: 'admissions', name: 'Admissions', timeZone: 'UTC' })
  cookie = await signIn()
})

const get = (path: string) => request('GET', path, { cookie, accept: 'text/html' })
const pages = new Map<string, string>()
async function page(path: string): Promise<string> {
  const html = pages.get(path) ?? (await (await get(path)).text())
  pages.set(path, html)
  return html
}

for (const name of Object.keys(HELP))
  test(`/help/${name} shows its document, and every link and picture of it leads somewhere`, async () => {
    const html = await page(`/help/${name}`)
    expect(html).toContain('<article class="card prose"')
    expect(html).not.toContain('](')
    const article = html.slice(html.indexOf('<article'), html.indexOf('</article>'))
    for (const [, href = ''] of article.matchAll(/<a href="([^"]+)"/g)) {
      expect([name, href]).toEqual([name, expect.stringMatching(/^(https?:|\/help\/)/)])
      const [path = '', anchor] = href.split('#')
      if (!href.startsWith('/help/')) continue
      const target = await page(path)
      expect([href, target.includes('<article')]).toEqual([href, true])
      if (anchor) expect([href, target.includes(` id="${anchor}"`)]).toEqual([href, true])
    }
    for (const [, src = ''] of article.matchAll(/<img src="([^"]+)"/g))
      expect([src, (await get(src)).headers.get('content-type')]).toEqual([src, 'image/png'])
  })

test('each Help link of the pages leads to a heading that there is', async () => {
  const links: string[] = []
  for (const path of ['/teams/admissions/configure', '/teams/admissions/ftp-accounts', '/account'])
    for (const [, href = ''] of (await page(path)).matchAll(/<a (?:class="small" )?href="(\/help[^"]*)"/g))
      links.push(href)
  expect(links.length).toBeGreaterThan(7)
  for (const href of new Set(links)) {
    const [path = '', anchor] = href.split('#')
    if (anchor) expect([href, (await page(path)).includes(` id="${anchor}"`)]).toEqual([href, true])
  }
  expect((await get('/help')).headers.get('location')).toBe('/help/administrators')
})

test('what is no document is not found, and strangers see none', async () => {
  for (const path of ['/help/nothing', '/help/images/nothing.png', '/help/images/..%2F..%2Fpackage.json'])
    expect([path, (await get(path)).status]).toEqual([path, 404])
  expect((await request('GET', '/help/security', { accept: 'text/html' })).headers.get('location')).toContain(
    '/sign-in',
  )
})

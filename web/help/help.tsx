import { raw } from 'hono/html'
import { Head } from '../ui/components/parts.tsx'
import type { Frame } from '../ui/frame.ts'
import { shell } from '../ui/shell.tsx'
import type { HelpDocument } from './documents.ts'

export function helpPage(frame: Frame, documents: readonly HelpDocument[], shown: HelpDocument) {
  return shell({
    title: shown.title,
    frame,
    here: '/help',
    children: (
      <>
        <Head title={shown.title} crumbs={[{ label: 'Help', href: '/help' }]} />
        <div class="split">
          <article class="card prose" aria-label={shown.title}>
            <div class="card-b">{raw(shown.html)}</div>
          </article>
          <nav class="card" aria-label="Documents">
            <div class="card-b stack-2">
              {documents.map(({ name, title }) => (
                <a href={`/help/${name}`} {...(name === shown.name && { 'aria-current': 'page' as const })}>
                  {title}
                </a>
              ))}
            </div>
          </nav>
        </div>
      </>
    ),
  })
}

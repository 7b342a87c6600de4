import type { Child } from 'hono/jsx'

interface Way {
  href: string
  title: string
}

/** Below a list: the range shown, and links to the first and next page, if any. */
export function Pager({ first, on, children }: { first: Way | null; on: Way | null; children: Child }) {
  return (
    <footer class="pager">
      <span>{children}</span>
      <span class="row">
        {[first, on].map(
          (way) =>
            way && (
              <a class="btn sm" href={way.href}>
                {way.title}
              </a>
            ),
        )}
      </span>
    </footer>
  )
}

/** `path` with a query; empty values are left out. */
export function linkTo(path: string, asked: Record<string, string>): string {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== '')).toString()
  return query === '' ? path : `${path}?${query}`
}

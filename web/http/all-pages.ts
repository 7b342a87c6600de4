import type { Page } from '../../store/postgres/keyset-page.ts'

/** Everything that `list` has, page after page; never more than one page is in memory. */
export async function* allItems<T>(list: (after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let after: string | undefined
  do {
    const page = await list(after)
    yield* page.items
    after = page.next ?? undefined
  } while (after !== undefined)
}

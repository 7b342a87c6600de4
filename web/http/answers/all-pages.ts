import type { Page } from '../../../store/postgres/keyset-page.ts'

/** Every item of a list, one page in memory at a time. */
export async function* allItems<T>(list: (after: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let after: string | undefined
  do {
    const page = await list(after)
    yield* page.items
    after = page.next ?? undefined
  } while (after !== undefined)
}

import { Icon } from './icon.tsx'

/** Above a list that has several pages: finds its items by a part of their names. */
export function SearchForm({
  path,
  label,
  placeholder,
  search,
}: {
  path: string
  label: string
  placeholder: string
  search: string
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form is what searches without scripts
    <form class="filters" role="search" method="get" action={path}>
      <div class="search">
        <Icon name="search" />
        <input class="in" name="search" type="search" aria-label={label} placeholder={placeholder} value={search} />
      </div>
      <button class="btn" type="submit">
        Search
      </button>
    </form>
  )
}

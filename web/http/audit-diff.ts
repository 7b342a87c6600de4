interface Change {
  from: unknown
  to: unknown
}

/** The differences between two versions, each leaf by its path: `{ 'schedule.morning': { from: false, to: true } }`. */
export function differences(before: object, after: object): Record<string, Change> {
  const changes: [path: string, change: Change][] = []
  const compare = (from: unknown, to: unknown, path: string[]) => {
    if (isObject(from) && isObject(to)) {
      for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
        compare(own(from, key), own(to, key), [...path, key])
    } else if (from !== to) changes.push([path.join('.'), { from: from ?? null, to: to ?? null }])
  }
  compare(before, after, [])
  return Object.fromEntries(changes)
}

/** A list of thousands may be replaced at once, any number of times. */
const MOST_CHANGES = 200

/** The differences as the audit keeps them: of very many the rest is counted in `furtherChanges`. */
export function auditDiff(before: object, after: object): Record<string, Change | number> {
  const changes = Object.entries(differences(before, after))
  const further = changes.length - MOST_CHANGES
  if (further <= 0) return Object.fromEntries(changes)
  return Object.fromEntries([...changes.slice(0, MOST_CHANGES), ['furtherChanges', further]])
}

/** People choose the keys, and `constructor` is a name like any other. */
function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

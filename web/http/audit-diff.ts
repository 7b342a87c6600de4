/** The differences between two versions, each leaf by its path: `{ 'schedule.morning': { from: false, to: true } }`. */
export function auditDiff(before: object, after: object): Record<string, { from: unknown; to: unknown }> {
  const changes: Record<string, { from: unknown; to: unknown }> = {}
  const compare = (from: unknown, to: unknown, path: string[]) => {
    if (isObject(from) && isObject(to)) {
      for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) compare(from[key], to[key], [...path, key])
    } else if (from !== to) changes[path.join('.')] = { from: from ?? null, to: to ?? null }
  }
  compare(before, after, [])
  return changes
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

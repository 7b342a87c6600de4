/** Fewer imports do not show what is usual. */
const FEWEST = 5
/** So many times more or less is unusual. */
const FACTOR = 2
/** A small team varies by some people. */
const SMALL = 20
const ALIKE = 2

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = low] = sorted.length % 2 === 1 ? [sorted[middle]] : sorted.slice(middle - 1, middle + 1)
  return Math.round((low + high) / 2)
}

/**
 * What `before` tells to be usual, where `latest` is far from it; otherwise null. A team may send small and large files in
 * turn: what two earlier ones were like is usual, too.
 */
export function usualInstead(latest: number, before: readonly number[]): number | null {
  if (before.length < FEWEST) return null
  const isFar = (usual: number) =>
    (latest > FACTOR * usual || FACTOR * latest < usual) && Math.abs(latest - usual) > SMALL
  const alike = before.filter((one) => !isFar(one))
  return alike.length < ALIKE ? median(before) : null
}

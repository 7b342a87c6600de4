/** Of one bar and the gap behind it, in units of the drawing. */
const STEP = 4
const BAR = 3
const HEIGHT = 40

export interface ChartDay {
  date: string
  /** Null on a day without an import. */
  value: number | null
}

/** One bar a day. What it says in words stands beside it, and the values in the table below. */
export function Chart({ days, words }: { days: readonly ChartDay[]; words: string }) {
  const most = Math.max(1, ...days.map(({ value }) => value ?? 0))
  return (
    <svg
      class="chart"
      viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words}
    >
      {days.map(({ value }, index) => {
        if (value === null) return null
        // A day with an import shows even where nothing was counted.
        const height = Math.max(1, Math.round((HEIGHT * value) / most))
        return <rect x={index * STEP} y={HEIGHT - height} width={BAR} height={height} />
      })}
    </svg>
  )
}

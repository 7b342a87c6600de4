import { median } from '../../model/usual.ts'
import { figure } from '../../model/wording/figure.ts'
import type { DayFigures } from '../../store/runs/daily-figures.ts'
import { daysBefore, duration, size } from '../ui/format.ts'
import type { ChartDay } from './chart.tsx'

export const DAYS_SHOWN = 90

type Measure = Exclude<keyof DayFigures, 'date' | 'files'>

const MEASURES: readonly { of: Measure; title: string; text: (value: number) => string }[] = [
  { of: 'records', title: 'Records', text: figure },
  { of: 'created', title: 'Created', text: figure },
  { of: 'errors', title: 'Errors', text: figure },
  { of: 'duration', title: 'Duration', text: duration },
  { of: 'bytes', title: 'File size', text: size },
]

export interface Trend {
  of: Measure
  title: string
  text: (value: number) => string
  /** Of the last day with an import. */
  last: number
  usual: number
  most: number
  days: ChartDay[]
}

/** The days up to `today`, as a chart of each measure. */
export function trendsOf(figures: readonly DayFigures[], today: string): Trend[] {
  const byDate = new Map(figures.map((day) => [day.date, day]))
  const dates = Array.from({ length: DAYS_SHOWN }, (_, index) => daysBefore(today, DAYS_SHOWN - 1 - index))
  return MEASURES.map((measure) => {
    const days = dates.map((date) => ({ date, value: byDate.get(date)?.[measure.of] ?? null }))
    const values = days.flatMap(({ value }) => value ?? [])
    return { ...measure, days, last: values.at(-1) ?? 0, usual: median(values), most: Math.max(0, ...values) }
  })
}

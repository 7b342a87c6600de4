import { ColumnShift, type FileSurvey } from '../formats/survey.ts'
import { plainValue } from './cell.ts'
import type { ColumnMapping } from './column-mapping.ts'
import { mobileReader } from './mobile-number.ts'

/**
 * In a file whose records have one value more than the header it may be the last, an empty one too many, or the first, a row
 * name without a header; then all values stand one column too far to the right. What the columns hold tells. Throws a
 * `BatchProblem`.
 */
export function refuseRowNames({ oneTooMany }: Pick<FileSurvey, 'oneTooMany'>, { fields }: ColumnMapping): void {
  const { count, records } = oneTooMany
  const readMobile = mobileReader('any')
  const isNumbered = (values: string[]) => readMobile(plainValue(values[fields.mobileNumber + 1] ?? '')).ok
  const names = (values: string[]) => [values[fields.firstName] ?? '', values[fields.lastName] ?? '']
  const hasNoName = (values: string[]) => names(values).some((name) => !/\p{L}/u.test(name))
  const hasDoubtfulName = (values: string[]) => names(values).some((name) => !/\p{L}/u.test(name) || /\d/.test(name))
  const most = (is: (values: string[]) => boolean) => records.filter(is).length > records.length / 2
  const isShifted = count
    ? records.some(isNumbered) || most(hasNoName)
    : most((values) => isNumbered(values) && hasDoubtfulName(values))
  if (isShifted) throw new ColumnShift()
}

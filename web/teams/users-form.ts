import type { TeamUser } from '../../store/team-users.ts'
import type { Fault } from '../http/refusal.ts'

/** A user as the form shows it: some of the list, for which `was` tells whom a line changes. */
export interface UserLine extends TeamUser {
  /** The Staff ID that is saved; empty for a user who is new. */
  was: string
  removed: boolean
}

export const NEW_LINE: UserLine = { was: '', removed: false, staffId: '', name: '', email: '' }

/** More than a page shows, with those that were added to it. */
const MOST_LINES = 500

export function linesOf(form: ReadonlyMap<string, string>): UserLine[] {
  const lines: UserLine[] = []
  const text = (name: string) => form.get(name) ?? ''
  for (let index = 0; index < MOST_LINES && form.has(`${index}.staffId`); index++)
    lines.push({
      was: text(`${index}.was`),
      removed: text(`${index}.removed`) !== '',
      staffId: text(`${index}.staffId`),
      name: text(`${index}.name`),
      email: text(`${index}.email`),
    })
  return lines
}

/** A new line is left out; a saved one stays marked, so that saving removes its user. */
export function withoutLine(lines: readonly UserLine[], index: number): UserLine[] {
  return lines.flatMap((line, place) =>
    place !== index ? [line] : line.was === '' ? [] : [{ ...line, removed: true }],
  )
}

/** The whole list with the lines of the form in it: whoever is not in the form stays. */
export function mergedUsers(saved: readonly TeamUser[], lines: readonly UserLine[]) {
  const changed = new Set(lines.map(({ was }) => was))
  const others = saved.filter(({ staffId }) => !changed.has(staffId))
  const places = lines.flatMap((line, place) => (isGone(line) ? [] : [place]))
  const wanted = places.map((place) => {
    const { staffId, name, email } = lines[place] as UserLine
    return { staffId, name, email }
  })
  /** The API names a user by the place in the whole list, in which those of the form come last. */
  const onLines = ({ path, message }: Fault): Fault => {
    const [index, ...field] = path.split('.')
    const place = places[Number(index) - others.length]
    return { path: place === undefined ? '' : [place, ...field].join('.'), message }
  }
  return { users: [...others, ...wanted], onLines }
}

function isGone({ removed, staffId, name, email }: UserLine): boolean {
  return removed || [staffId, name, email].every((value) => value.trim() === '')
}

import type { OptOutState } from '../../../model/contact.ts'
import type { UndoFigures } from '../../../model/run.ts'
import type { Line } from './support.ts'

interface Known {
  first: string
  mobile: string
  major: string
  advisor: string
  optedOut: boolean
  source: string
  /** Which statement set the preference. */
  stated: number
  lastBatch: number
  createdBy: number
}

/** The contacts of one team as the rules have them, without a database. */
export class UndoModel {
  readonly contacts = new Map<string, Known>()
  readonly #before: Map<string, Known>[] = []
  #statements = 0

  import(lines: readonly Line[]): void {
    const batch = this.#before.length
    const before = new Map<string, Known>()
    for (const { id, first, mobile, opt, major, advisor } of lines) {
      const known = this.contacts.get(id)
      const rejected = mobile.length < 10
      if (rejected && !(known && opt === 'Y' && !known.optedOut)) continue
      const blocked = opt === 'N' && known?.optedOut && ['contact', 'admin'].includes(known.source)
      const optedOut = opt === '' || blocked ? (known?.optedOut ?? false) : opt === 'Y'
      const turned = known ? known.optedOut !== optedOut : true
      const source = known ? (turned ? 'import' : known.source) : opt === '' ? 'default' : 'import'
      const values = rejected && known ? known : { first, mobile: `+1${mobile}`, major, advisor }
      const same =
        known &&
        !turned &&
        (['first', 'mobile', 'major', 'advisor'] as const).every((key) => known[key] === values[key])
      if (same) continue
      if (known) before.set(id, known)
      this.contacts.set(id, {
        ...{ first: values.first, mobile: values.mobile, major: values.major, advisor: values.advisor },
        ...{ optedOut, source, lastBatch: batch, createdBy: known?.createdBy ?? batch },
        stated: turned ? ++this.#statements : (known?.stated ?? 0),
      })
    }
    this.#before.push(before)
  }

  state(id: string, state: OptOutState, source: 'contact' | 'admin'): void {
    const known = this.contacts.get(id)
    const optedOut = state === 'opted_out'
    if (known && (known.optedOut !== optedOut || known.source !== source))
      this.contacts.set(id, { ...known, optedOut, source, stated: ++this.#statements })
  }

  undo(batch: number): Omit<UndoFigures, 'leftContacts'> {
    const figures = { restored: 0, removed: 0, left: 0 }
    for (const [id, known] of this.contacts) {
      const before = this.#before[batch]?.get(id)
      if (!before && known.createdBy !== batch) continue
      const statedSince = ['contact', 'admin'].includes(known.source) && known.stated !== before?.stated
      if (known.lastBatch !== batch || statedSince) figures.left++
      else if (before) {
        this.contacts.set(id, before)
        figures.restored++
      } else {
        this.contacts.delete(id)
        figures.removed++
      }
    }
    return figures
  }

  rows() {
    return [...this.contacts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, known]) => ({
        contact_id: id,
        first_name: known.first,
        last_name: 'Lee',
        mobile_number: known.mobile,
        staff_id: known.advisor || null,
        custom_fields: known.major === '' ? {} : { Major: known.major },
        opted_out: known.optedOut,
        opt_out_source: known.source,
      }))
  }
}

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
  /** The batch that took it over from the number. */
  byNumber: number | null
  lastBatch: number
  createdBy: number
}

const isStated = (source: string) => ['contact', 'admin'].includes(source)

/** The contacts of one team as the rules have them, without a database. */
export class UndoModel {
  readonly contacts = new Map<string, Known>()
  readonly #before: Map<string, Known>[] = []
  #statements = 0
  /** Numbers that opted out and that their contact has no longer. */
  readonly #kept = new Map<string, string>()

  /** Answers what guardrails are to know of the contacts that it creates. */
  import(lines: readonly Line[], optOutAbsent = false): { knownNumbers: number; optedInUnasked: number } {
    const numbersBefore = new Set([...this.contacts.values()].map(({ mobile }) => mobile))
    const batch = this.#before.length
    const before = new Map<string, Known>()
    const stops = this.#stops()
    for (const { id, first, mobile, opt, major, advisor } of lines) {
      const known = this.contacts.get(id)
      const rejected = mobile.length < 10
      if (rejected && !(known && opt === 'Y' && !known.optedOut)) continue
      const blocked = opt === 'N' && known?.optedOut && ['contact', 'admin'].includes(known.source)
      const optedOut = opt === '' || blocked ? (known?.optedOut ?? false) : opt === 'Y'
      const turned = known ? known.optedOut !== optedOut : true
      const source = known ? (turned ? 'import' : known.source) : opt === '' ? 'default' : 'import'
      const values = rejected && known ? known : { first, mobile: `+1${mobile}`, major, advisor }
      const ownStop = known?.optedOut && isStated(known.source)
      const stop = known?.mobile === values.mobile || ownStop ? undefined : stops.get(values.mobile)
      if (ownStop && known.mobile !== values.mobile && !this.#kept.has(known.mobile))
        this.#kept.set(known.mobile, known.source)
      const same =
        known &&
        !stop &&
        !turned &&
        (['first', 'mobile', 'major', 'advisor'] as const).every((key) => known[key] === values[key])
      if (same) continue
      if (known) before.set(id, known)
      this.contacts.set(id, {
        ...{ first: values.first, mobile: values.mobile, major: values.major, advisor: values.advisor },
        ...{ optedOut: optedOut || stop !== undefined, source: stop ?? source },
        ...{ lastBatch: batch, createdBy: known?.createdBy ?? batch },
        stated: turned || stop ? ++this.#statements : (known?.stated ?? 0),
        byNumber: stop ? batch : turned ? null : (known?.byNumber ?? null),
      })
    }
    this.#before.push(before)
    const created = [...this.contacts.values()].filter(({ createdBy }) => createdBy === batch)
    const known = created.filter(({ mobile }) => numbersBefore.has(mobile))
    return {
      // Fewer created contacts are not looked at.
      knownNumbers: created.length < 20 ? 0 : known.length,
      optedInUnasked: optOutAbsent ? created.filter(({ optedOut }) => !optedOut).length : 0,
    }
  }

  state(id: string, state: OptOutState, source: 'contact' | 'admin'): void {
    const known = this.contacts.get(id)
    const optedOut = state === 'opted_out'
    if (!known) return
    const said = { optedOut, source, byNumber: null }
    if (known.optedOut !== optedOut || known.source !== source || known.byNumber === known.lastBatch)
      this.contacts.set(id, { ...known, ...said, stated: ++this.#statements })
    if (!optedOut) this.#kept.delete(known.mobile)
    else
      for (const [other, one] of this.contacts)
        if (other !== id && one.mobile === known.mobile && !(one.optedOut && isStated(one.source)))
          this.contacts.set(other, { ...one, ...said, stated: ++this.#statements })
  }

  /** By number, who said that it is to be left alone. */
  #stops(): Map<string, string> {
    const stops = new Map(this.#kept)
    for (const [, { mobile, optedOut, source }] of [...this.contacts].sort(([a], [b]) => (a > b ? -1 : 1)))
      if (optedOut && isStated(source)) stops.set(mobile, source)
    return stops
  }

  undo(batch: number): Omit<UndoFigures, 'leftContacts'> {
    const figures = { restored: 0, removed: 0, left: 0 }
    for (const [id, known] of this.contacts) {
      const before = this.#before[batch]?.get(id)
      if (!before && known.createdBy !== batch) continue
      const statedSince = isStated(known.source) && known.stated !== before?.stated && known.byNumber !== batch
      if (known.lastBatch !== batch || statedSince) figures.left++
      else if (before) {
        this.contacts.set(id, before)
        figures.restored++
      } else {
        this.contacts.delete(id)
        figures.removed++
      }
    }
    const stops = this.#stops()
    for (const id of this.#before[batch]?.keys() ?? []) {
      const known = this.contacts.get(id)
      const source = known && stops.get(known.mobile)
      if (source && !known.optedOut && !isStated(known.source))
        this.contacts.set(id, { ...known, optedOut: true, source, stated: ++this.#statements, byNumber: null })
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

/** Three files of contacts, and a model of what importing them one after another makes of the contacts. */
export interface RosterFile {
  name: string
  text: string
  records: RosterRecord[]
}

export interface RosterRecord {
  id: string
  first: string
  last: string
  mobile: string
  optOut: 'Y' | 'N' | ''
  /** Whether the record can be imported. */
  valid: boolean
}

export type Contacts = ReadonlyMap<string, string>

const record = (n: number, last: string, more: Partial<RosterRecord> = {}): RosterRecord => ({
  id: `c${String(n).padStart(6, '0')}`,
  first: `First${n}`,
  last,
  // Everybody has a number of their own: new contacts with known numbers are held.
  mobile: `716${555 + Math.floor(n / 9000)}${1000 + (n % 9000)}`,
  optOut: '',
  valid: true,
  ...more,
})

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

export function rosterFiles(size = 60): RosterFile[] {
  const half = Math.floor(size / 2)
  return [
    fileOf(
      'StudentData_1.csv',
      range(1, size).map((n) => record(n, 'One')),
    ),
    fileOf('StudentData_2.csv', [
      ...range(1, half).map((n) => record(n, 'Two', { optOut: n % 3 === 0 ? 'Y' : 'N' })),
      record(half + 1, 'Broken', { mobile: '555', valid: false }),
      ...range(size + 1, size + half).map((n) => record(n, 'Two')),
    ]),
    fileOf('StudentData_3.csv', [
      ...range(half, size).map((n) => record(n, 'Three')),
      record(size, 'Last', { optOut: 'Y' }),
      record(size + half + 1, 'New'),
    ]),
  ]
}

/** A newer version of the first file; it speaks for the same contacts, so what the older one said no longer shows. */
export function newerFirstFile(size = 60): RosterFile {
  return fileOf(
    'StudentData_1.csv',
    range(1, size).map((n) => record(n, 'Newer')),
  )
}

function fileOf(name: string, records: RosterRecord[]): RosterFile {
  const lines = records.map(({ id, first, last, mobile, optOut }) => [id, first, last, mobile, optOut, 'Law'].join(','))
  return { name, records, text: ['ID,First,Last,Cell,OptOut,Major', ...lines, ''].join('\r\n') }
}

/** What the contacts are after each of the files, beginning with none. */
export function statesAfter(files: readonly RosterFile[]): string[] {
  const contacts = new Map<string, { last: string; mobile: string; out: boolean }>()
  const states = [shown(contacts)]
  for (const { records } of files) {
    const winners = new Map(records.filter(({ valid }) => valid).map((entry) => [entry.id, entry]))
    const optOuts = new Map<string, boolean>()
    for (const { id, optOut, valid } of records) if (valid && optOut !== '') optOuts.set(id, optOut === 'Y')
    for (const [id, { last, mobile }] of winners)
      contacts.set(id, { last, mobile: `+1${mobile}`, out: optOuts.get(id) ?? contacts.get(id)?.out ?? false })
    states.push(shown(contacts))
  }
  return states
}

function shown(contacts: ReadonlyMap<string, { last: string; mobile: string; out: boolean }>): string {
  return [...contacts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { last, mobile, out }]) => line(id, last, mobile, out))
    .join('\n')
}

export function line(id: string, last: string, mobile: string, out: boolean): string {
  return `${id} ${last} ${mobile} ${out}`
}

interface Column {
  table: string
  column: string
  nullable: boolean
  type: string
}

/** A column as `store/postgres/tables.ts` types it, in the words of the test that compares it with the database. */
export interface TypedColumn extends Column {
  /** An insert may leave it out though it cannot be null. */
  generated: boolean
}

/** Reads the interfaces of `tables.ts`: one member a line, or all of a table between braces. */
export function columnsOf(source: string): TypedColumn[] {
  const interfaces = new Map(
    [...source.matchAll(/^(?:export )?interface (\w+) \{\n(.*?)^\}/gms)].map(([, name, body]) => [
      name,
      body as string,
    ]),
  )
  const tables = membersOf(interfaces.get('Tables') ?? '')
  return tables
    .flatMap(([table, type]) =>
      membersOf(type.startsWith('{') ? type.slice(1, -1).replaceAll(';', '\n') : (interfaces.get(type) ?? '')).map(
        ([column, text]) => ({ table, column, ...typeOf(text) }),
      ),
    )
    .sort((a, b) => (`${a.table} ${a.column}` < `${b.table} ${b.column}` ? -1 : 1))
}

function membersOf(body: string): [name: string, type: string][] {
  return [...body.matchAll(/^\s*(\w+): (.+)$/gm)].map(([, name, type]) => [name as string, (type as string).trim()])
}

function typeOf(text: string): Omit<TypedColumn, 'table' | 'column'> {
  const generic = /^(\w+)<(.*)>$/.exec(text)
  if (text === 'Moment') return { nullable: false, type: 'Date', generated: true }
  if (generic?.[1] === 'Json') return { nullable: false, type: 'json', generated: false }
  if (generic?.[1] === 'DefaultJson') return { nullable: false, type: 'json', generated: true }
  if (generic?.[1] === 'Generated') return { ...plain(generic[2] as string), generated: true }
  if (generic?.[1] !== 'ColumnType') return { ...plain(text), generated: false }
  const [select = '', insert = ''] = splitArguments(generic[2] as string)
  const read = plain(select)
  const base = (type: string) => type.replaceAll(/ \| (?:null|undefined)/g, '')
  return { ...read, type: base(select) === base(insert) ? read.type : 'json', generated: !read.nullable }
}

function plain(text: string): { nullable: boolean; type: string } {
  const nullable = / \| null$/.test(text)
  const type = nullable ? text.slice(0, -' | null'.length) : text
  // Any other name is a union of words.
  return { nullable, type: /^(?:number|boolean|Buffer|Date|string\[\]|\w+\[\]|\{.*\})$/.test(type) ? type : 'string' }
}

/** At the commas outside braces and brackets. */
function splitArguments(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const character of text) {
    if ('<{['.includes(character)) depth++
    if ('>}]'.includes(character)) depth--
    if (character === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts.map((part) => part.trim())
}

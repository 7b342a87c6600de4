/** How one delimiter is read, written and shown: every list, form and file name derives from its row. */
export interface DelimiterRules {
  readonly character: string
  readonly title: string
  /** In a sentence: "the header has 11 tabs". */
  readonly plural: string
  readonly mediaType: string
  /** With its dot. */
  readonly extension: string
  /** A quote inside a value is a character, as tab exporters often do not quote. */
  readonly literalQuotes: boolean
}

export const DELIMITERS = {
  comma: {
    character: ',',
    title: 'Comma',
    plural: 'commas',
    mediaType: 'text/csv',
    extension: '.csv',
    literalQuotes: false,
  },
  tab: {
    character: '\t',
    title: 'Tab',
    plural: 'tabs',
    mediaType: 'text/tab-separated-values',
    extension: '.tsv',
    literalQuotes: true,
  },
} as const satisfies Record<string, DelimiterRules>

export type Delimiter = keyof typeof DELIMITERS

export const DELIMITER_NAMES = Object.keys(DELIMITERS) as Delimiter[]

/** The delimiter that a form names, comma where it names none. */
export function delimiterNamed(text: string | undefined): Delimiter {
  return DELIMITER_NAMES.find((name) => name === text) ?? 'comma'
}

import { Choice, type Option } from '../../ui/components/fields.tsx'
import { Icon } from '../../ui/components/icon.tsx'
import { draftOf, type TextName } from '../settings-draft.ts'
import type { ConfigureView } from '../view.ts'

/** Rules that few teams change; the first option of each is the default. */
const RULES: readonly { name: TextName; legend: string; options: [Option, ...Option[]] }[] = [
  {
    name: 'file.encoding',
    legend: 'Encoding',
    options: [
      { value: 'auto', label: 'Automatic', small: 'UTF-8, UTF-16 or Windows-1252' },
      { value: 'utf-8', label: 'UTF-8' },
      { value: 'utf-16', label: 'UTF-16' },
      { value: 'windows-1252', label: 'Windows-1252' },
    ],
  },
  {
    name: 'absentColumn',
    legend: 'If a mapped column is missing from the file',
    options: [
      { value: 'keep', label: 'Keep stored values', small: 'With a warning in the recap.' },
      { value: 'clear', label: 'Clear stored values' },
    ],
  },
  {
    name: 'sharedMobile',
    legend: 'If two contacts have the same mobile number',
    options: [
      { value: 'warn', label: 'Import with a warning' },
      { value: 'reject', label: 'Reject the record' },
    ],
  },
  {
    name: 'mobileCountries',
    legend: 'Accept mobile numbers of',
    options: [
      { value: 'any', label: 'Any country', small: 'Without a +, US and Canada.' },
      { value: 'us_ca', label: 'US and Canada only' },
    ],
  },
  {
    name: 'guardrails',
    legend: 'If a file would change unusually much',
    options: [
      { value: 'hold', label: 'Hold it', small: 'Until it is approved or discarded.' },
      { value: 'warn', label: 'Import with a warning' },
      { value: 'off', label: 'Import it anyway' },
    ],
  },
]

export function FurtherRules({ view: { draft, saved } }: { view: ConfigureView }) {
  const stored = draftOf(saved).texts
  const usual = RULES.every(({ name, options: [first] }) => stored[name] === first.value)
  return (
    <section class="card" id="rules" aria-labelledby="rules-h">
      <details class="more" open={!usual}>
        <summary class="card-h">
          <Icon name="chev" />
          <h2 id="rules-h">Further rules</h2>
          <span class="small muted">Encoding, absent columns, shared numbers, countries, guardrails</span>
        </summary>
        <div class="card-b stack">
          {RULES.map(({ name, legend, options }) => (
            <Choice name={name} legend={legend} value={draft.texts[name]} options={options} />
          ))}
        </div>
      </details>
    </section>
  )
}

import type { ConfigureView } from '../configure-view.ts'
import { Choice, TextField } from './components/fields.tsx'
import { Icon } from './components/icon.tsx'
import { Card } from './components/parts.tsx'

export function NotificationEmails({ view: { draft, saved, faults, team } }: { view: ConfigureView }) {
  return (
    <Card
      id="mail"
      title="Notification Emails"
      wideTitle={false}
      aside={<span class="small grow">A recap after every import, with the error file attached if there is one</span>}
    >
      <div class="card-b stack">
        <TextField
          name="notificationEmails"
          label="Send to"
          value={draft.texts.notificationEmails}
          faults={faults}
          optional
          hint="Separate addresses with commas."
        />
        <Choice
          name="notifyOn"
          legend="Write"
          value={draft.texts.notifyOn}
          options={[
            { value: 'always', label: 'After every import' },
            { value: 'problems', label: 'Only with errors or warnings' },
          ]}
        />
        <TextField
          name="silenceHours"
          label="Tell me when no file came for this many hours"
          value={draft.texts.silenceHours}
          faults={faults}
          optional
          inputmode="numeric"
          hint="Once, until the next file comes; never before the first import. Empty: never."
        />
        <p class="small muted">
          The recaps of <code>{team.name}</code> carry its name in brackets in their subject.
        </p>
        <div class="row">
          <button class="btn sm" type="submit" form="test-email" disabled={saved.notificationEmails.trim() === ''}>
            <Icon name="mail" />
            Send a test e-mail
          </button>
          <span class="small soft">
            {saved.notificationEmails.trim() === ''
              ? 'No address is saved yet.'
              : `To the saved addresses: ${saved.notificationEmails}.`}
          </span>
        </div>
      </div>
    </Card>
  )
}

/** What few teams ever change. */
export function FurtherRules({ view: { draft, saved } }: { view: ConfigureView }) {
  const { texts } = draft
  const usual =
    saved.file.encoding === 'auto' &&
    saved.absentColumn === 'keep' &&
    saved.sharedMobile === 'warn' &&
    saved.mobileCountries === 'any' &&
    saved.guardrails === 'hold'
  return (
    <section class="card" id="rules" aria-labelledby="rules-h">
      <details class="more" open={!usual}>
        <summary class="card-h">
          <Icon name="chev" />
          <h2 id="rules-h">Further rules</h2>
          <span class="small muted">Encoding, absent columns, shared numbers, countries, guardrails</span>
        </summary>
        <div class="card-b stack">
          <Choice
            name="file.encoding"
            legend="Encoding"
            value={texts['file.encoding']}
            options={[
              { value: 'auto', label: 'Found out', small: 'UTF-8, UTF-16 or Windows-1252' },
              { value: 'utf-8', label: 'UTF-8' },
              { value: 'utf-16', label: 'UTF-16' },
              { value: 'windows-1252', label: 'Windows-1252' },
            ]}
          />
          <Choice
            name="absentColumn"
            legend="A mapped column that is not in the file"
            value={texts.absentColumn}
            options={[
              { value: 'keep', label: 'Keep stored values', small: 'With a warning in the recap.' },
              { value: 'clear', label: 'Clear stored values' },
            ]}
          />
          <Choice
            name="sharedMobile"
            legend="One mobile number on two contacts"
            value={texts.sharedMobile}
            options={[
              { value: 'warn', label: 'Import with a warning' },
              { value: 'reject', label: 'Reject the record' },
            ]}
          />
          <Choice
            name="mobileCountries"
            legend="Mobile numbers of"
            value={texts.mobileCountries}
            options={[
              { value: 'any', label: 'Any country', small: 'Without a +, US and Canada.' },
              { value: 'us_ca', label: 'US and Canada only' },
            ]}
          />
          <Choice
            name="guardrails"
            legend="A file that would change unusually much"
            value={texts.guardrails}
            options={[
              { value: 'hold', label: 'Hold it', small: 'Until somebody approves or discards it.' },
              { value: 'warn', label: 'Import with a warning' },
              { value: 'off', label: 'Import as any other' },
            ]}
          />
        </div>
      </details>
    </section>
  )
}

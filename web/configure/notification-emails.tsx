import { Choice, TextField } from '../ui/components/fields.tsx'
import { Icon } from '../ui/components/icon.tsx'
import { Card } from '../ui/components/parts.tsx'
import type { ConfigureView } from './view.ts'

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

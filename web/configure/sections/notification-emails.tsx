import { Choice, TextField } from '../../ui/components/fields.tsx'
import { Icon } from '../../ui/components/icon.tsx'
import { Card } from '../../ui/components/parts.tsx'
import type { ConfigureView } from '../view.ts'

export function NotificationEmails({ view: { draft, saved, faults, team } }: { view: ConfigureView }) {
  return (
    <Card
      id="mail"
      help="/help/administrators#when-no-file-comes"
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
          legend="Send a recap"
          value={draft.texts.notifyOn}
          options={[
            { value: 'always', label: 'After every import' },
            { value: 'problems', label: 'Only with errors or warnings' },
          ]}
        />
        <TextField
          name="silenceHours"
          label="Alert if no file arrives for (hours)"
          value={draft.texts.silenceHours}
          faults={faults}
          optional
          inputmode="numeric"
          hint="Sent once per gap, after the first import. Leave empty to turn off."
        />
        <p class="small muted">
          Subject lines begin with <code>[{team.name}]</code>.
        </p>
        <div class="row">
          <button class="btn sm" type="submit" form="test-email" disabled={saved.notificationEmails.trim() === ''}>
            <Icon name="mail" />
            Send a test e-mail
          </button>
          <span class="small soft">
            {saved.notificationEmails.trim() === ''
              ? 'No addresses saved yet.'
              : `To the saved addresses: ${saved.notificationEmails}.`}
          </span>
        </div>
      </div>
    </Card>
  )
}

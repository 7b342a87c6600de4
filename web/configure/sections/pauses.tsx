import { localDate } from '../../../model/daily-windows.ts'
import { MAX_PAUSES } from '../../../model/import-settings.ts'
import { dateWords, type Pause, pauseOn } from '../../../model/pauses.ts'
import { Err, faultOf, TextField } from '../../ui/components/fields.tsx'
import { Icon } from '../../ui/components/icon.tsx'
import { Card } from '../../ui/components/parts.tsx'
import type { ConfigureView } from '../view.ts'

export function Pauses({ view }: { view: ConfigureView }) {
  const { draft, saved, team, now, faults } = view
  const full = draft.pauses.length >= MAX_PAUSES
  const today = pauseOn(saved.pauses, localDate(now, team.timeZone))
  return (
    <Card
      id="pauses"
      title="Pauses"
      wideTitle={false}
      aside={<span class="small grow">Days on which no window runs, such as breaks and term changes</span>}
    >
      <div class="card-b stack">
        {today && (
          <p class="small t-warn">
            Windows are paused until {dateWords(today.to)}
            {today.why && ` (${today.why})`}. Files that arrive meanwhile wait.
          </p>
        )}
        {draft.pauses.map((pause, index) => (
          <PauseLine view={view} pause={pause} index={index} />
        ))}
        <Err id="pauses" fault={faultOf(faults, 'pauses')} />
        <div class="row">
          <button
            class="btn sm"
            type="submit"
            name="add-pause"
            value="1"
            id="add-pause"
            {...(full && { disabled: true })}
          >
            + Add Pause
          </button>
          <span class="small muted">
            {full
              ? `All ${MAX_PAUSES} are used: remove one to add another.`
              : 'An e-mail tells when a pause begins and when it ends. Run Import works on all days.'}
          </span>
        </div>
      </div>
    </Card>
  )
}

function PauseLine({ view: { faults }, pause, index }: { view: ConfigureView; pause: Pause; index: number }) {
  const own = (name: keyof Pause) => `pauses.${index}.${name}`
  return (
    <fieldset class="row">
      <legend class="vh">Pause {index + 1}</legend>
      <TextField name={own('from')} label="First day" type="date" value={pause.from} faults={faults} />
      <TextField name={own('to')} label="Last day" type="date" value={pause.to} faults={faults} />
      <TextField name={own('why')} label="Reason" value={pause.why} faults={faults} optional />
      <button
        class="btn quiet icon"
        type="submit"
        name="remove-pause"
        value={String(index)}
        id={`remove-pause-${index}`}
        aria-label={`Remove pause ${index + 1}`}
      >
        <Icon name="trash" />
      </button>
    </fieldset>
  )
}

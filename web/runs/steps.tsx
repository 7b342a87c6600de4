import { DAILY_WINDOWS } from '../../model/daily-windows.ts'
import type { RecapMail } from '../../store/runs/run-errors.ts'
import { Form } from '../ui/components/form.tsx'
import { Icon, type IconName } from '../ui/components/icon.tsx'
import { Badge, Card, type Tone } from '../ui/components/parts.tsx'
import { clock, counted, duration, figure, roughly } from '../ui/format.ts'
import type { RunView } from './view.ts'

interface Step {
  icon: IconName
  tone?: 'warn' | 'bad' | 'idle'
  title: string
  text: string
  at: Date | null
}

/** The steps of a run with their times. */
export function Steps({ view }: { view: RunView }) {
  const { run, team } = view
  const begun = new Date(run.startedAt ?? run.createdAt)
  const steps = stepsOf(view)
  const took = run.finishedAt === null ? null : new Date(run.finishedAt).getTime() - begun.getTime()
  return (
    <Card id="steps" title="Steps" aside={took !== null && <span class="small">{duration(took)}</span>}>
      <div class="card-b">
        <ol class="log">
          {steps.map(({ icon, tone, title, text, at }, index) => (
            <li>
              <span class={tone ? `ic ${tone}` : 'ic'}>
                <Icon name={icon} />
              </span>
              <div>
                <b>{title}</b>
                <p>{text}</p>
              </div>
              {at && (
                <time datetime={at.toISOString()} title={`${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`}>
                  {index === 0
                    ? clock(at, team.timeZone, true)
                    : `+${duration(Math.max(0, at.getTime() - begun.getTime()))}`}
                </time>
              )}
            </li>
          ))}
        </ol>
      </div>
    </Card>
  )
}

function stepsOf({ run, shown, mails, mailVia }: RunView): Step[] {
  const { window } = run
  const steps: Step[] = [
    {
      icon: window ? 'clock' : 'play',
      title: window ? 'Window opened' : run.trigger === 'manual' ? 'Manual Import' : 'Run Import pressed',
      text: window ? `${DAILY_WINDOWS[window.name].title} of ${window.date}` : `by ${run.requestedBy}`,
      at: new Date(run.createdAt),
    },
  ]
  if (run.startedAt && run.trigger !== 'manual')
    steps.push({
      icon: run.batches.length > 0 ? 'check' : 'minus',
      ...(run.batches.length === 0 && { tone: 'idle' as const }),
      title: `${counted(run.batches.length, 'file')} found`,
      text: run.batches.length > 0 ? 'Uploads complete' : 'Nothing that may be imported',
      at: new Date(run.startedAt),
    })
  for (const { batch, nth } of shown) {
    if (!batch.finishedAt) continue
    const { records, rejected } = batch.counts
    const imported = ['imported', 'imported_with_errors', 'undone'].includes(batch.state)
    steps.push({
      icon: imported ? (rejected > 0 ? 'bang' : 'check') : batch.state === 'held' ? 'pause' : 'x',
      ...(imported
        ? rejected > 0 && { tone: 'warn' as const }
        : { tone: batch.state === 'held' ? ('warn' as const) : ('bad' as const) }),
      title: `Batch ${nth} ${imported ? 'imported' : BATCH_WORDS[batch.state]}`,
      text: imported
        ? `${counted(records, 'record')}, ${counted(rejected, 'error')}`
        : (batch.problem?.message ?? batch.fileName),
      at: new Date(batch.finishedAt),
    })
    if (batch.afterImport)
      steps.push({
        icon: batch.afterImport.action === 'move' ? 'archive' : 'trash',
        title: `Batch ${nth} file ${batch.afterImport.action === 'move' ? 'moved' : 'deleted'}`,
        text: batch.afterImport.path ?? batch.fileName,
        at: null,
      })
  }
  const sent = mails.filter(({ state }) => state === 'sent')
  const last = sent.flatMap(({ sentAt }) => sentAt ?? []).sort((a, b) => b.getTime() - a.getTime())[0]
  if (last)
    steps.push({
      icon: 'mail',
      title: `${counted(sent.length, 'recap')} ${mailVia === 'folder' ? 'written' : 'e-mailed'}`,
      text: mailVia === 'folder' ? 'Written to the folder outbox of DATA_DIR' : 'Taken by the mail server',
      at: last,
    })
  for (const { batch, nth } of shown) {
    const { undone } = batch
    if (undone)
      steps.push({
        icon: 'undo',
        tone: 'warn',
        title: `Batch ${nth} undone`,
        text: `by ${undone.by}`,
        at: new Date(undone.at),
      })
  }
  return steps
}

const BATCH_WORDS = {
  queued: 'waits',
  parsing: 'is read',
  applying: 'is applied',
  imported: 'imported',
  imported_with_errors: 'imported',
  rejected: 'not imported',
  held: 'held',
  failed: 'failed',
  aborted: 'stopped',
  undone: 'undone',
} as const

const MAIL_BADGES: Record<RecapMail['state'], { tone: Tone; icon: IconName; word: string }> = {
  waiting: { tone: 'plain', icon: 'clock', word: 'waiting' },
  queued: { tone: 'plain', icon: 'clock', word: 'queued' },
  sent: { tone: 'ok', icon: 'check', word: 'sent' },
  failed: { tone: 'bad', icon: 'x', word: 'not sent' },
}

export function Mails({ view }: { view: RunView }) {
  const { mails, shown, mailVia } = view
  const worst =
    (['failed', 'queued', 'waiting', 'sent'] as const).find((state) => mails.some((mail) => mail.state === state)) ??
    'sent'
  const { tone, icon, word } = MAIL_BADGES[worst]
  const wrote = mailVia === 'folder'
  return (
    <Card
      id="email"
      title="E-mail"
      aside={
        <Badge tone={tone} icon={icon}>
          {figure(mails.filter(({ state }) => state === worst).length)} {worst === 'sent' && wrote ? 'written' : word}
        </Badge>
      }
    >
      <div class="card-b stack">
        {wrote && (
          <p class="small soft">
            No mail server is set up: e-mails are written to the folder <code>outbox</code> of <code>DATA_DIR</code> and
            not sent.
          </p>
        )}
        {shown.flatMap(({ batch, nth }) =>
          mails.filter(({ batchId }) => batchId === batch.id).map((mail) => <Mail mail={mail} view={view} nth={nth} />),
        )}
      </div>
    </Card>
  )
}

function Mail({ mail, view, nth }: { mail: RecapMail; view: RunView; nth: number }) {
  const { state, lastError, nextAttemptAt, recipients, attempts, batchId } = mail
  return (
    <div class="stack-2">
      <dl class="kv tight">
        <dt>Batch {nth}</dt>
        <dd>
          {recipients.length === 0
            ? 'No recipients.'
            : recipients.map(({ address, state, reason }) => (
                <span class="block">
                  {address}
                  {state === 'failed' && <span class="t-bad"> refused{reason && `: ${reason}`}</span>}
                </span>
              ))}
        </dd>
      </dl>
      {lastError && state !== 'sent' && (
        <p class="small t-warn">
          The mail server answered: {lastError}
          {state === 'queued' &&
            ` Next attempt in ${roughly(nextAttemptAt.getTime() - view.now.getTime())}, ${attempts} so far.`}
        </p>
      )}
      {recipients.length > 0 && (
        <Form action={`/teams/${view.team.team}/runs/${view.run.id}/recap`}>
          <input type="hidden" name="batch" value={batchId} />
          <button class="btn sm" type="submit">
            <Icon name="mail" />
            Send again
            <span class="vh"> the recap of batch {nth}</span>
          </button>
        </Form>
      )}
    </div>
  )
}

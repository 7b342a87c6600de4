import { brokenFate } from '../../ingest/choosing/fate.ts'
import { runVerdict, waitsForTurn } from '../../ingest/choosing/fate-uses.ts'
import { fateWords } from '../../ingest/choosing/fate-words.ts'
import type { TeamFile } from '../../model/team-file.ts'
import type { UploadSource } from '../../model/upload.ts'
import { Part } from '../ui/components/bar.tsx'
import { Form } from '../ui/components/form.tsx'
import type { IconName } from '../ui/components/icon.tsx'
import { Card, Empty, Status } from '../ui/components/parts.tsx'
import { Time } from '../ui/components/time.tsx'
import { momentWithin, size } from '../ui/format.ts'
import type { ImportsView, WaitingFile } from './view.ts'

const SOURCES: Record<UploadSource, string> = {
  ftp: 'FTP',
  ftps: 'FTPS',
  sftp: 'SFTP',
  manual: 'Manual Import',
  host: 'copied on the server',
}

const FILES_SHOWN = 50

export function WaitingFiles({ view }: { view: ImportsView }) {
  const { files, elsewhere, broken, settings, team, login, now } = view
  const base = `/teams/${team.team}`
  return (
    <Card
      id="waiting"
      title="Waiting files"
      wideTitle={false}
      aside={
        <>
          <span class="small grow">
            <code>{`${settings.file.path === '/' ? '' : settings.file.path}/${settings.file.namePrefix}*`}</code>
          </span>
          <span class="small st only-js">
            <span class="dot ok" data-live-dot />
            <span data-live-word>Live</span>
          </span>
        </>
      }
    >
      {files.length + elsewhere.length + broken.length === 0 ? (
        <Empty
          icon="inbox"
          title={`No files in ${settings.file.path}`}
          acts={
            <>
              <a class="btn sm" href={`${base}/ftp-accounts`}>
                Connection instructions
              </a>
              <a class="btn sm" href={`${base}/manual-import`}>
                Manual Import
              </a>
            </>
          }
        >
          Files{' '}
          {settings.file.namePrefix === '' ? (
            ''
          ) : (
            <>
              that begin with <code>{settings.file.namePrefix}</code>{' '}
            </>
          )}
          show up here while they are still being uploaded.
          {login && ` An account last logged in ${momentWithin(login.at, team.timeZone, now)}.`}
        </Empty>
      ) : (
        <div class="tw">
          <table class="tbl cards">
            <thead>
              <tr>
                <th>File</th>
                <th class="num">Size</th>
                <th>Arrived</th>
                <th>From</th>
                <th>Status</th>
              </tr>
            </thead>
            <tbody>
              {files.slice(0, FILES_SHOWN).map((file) => (
                <FileLine file={file} view={view} />
              ))}
              {broken.map((upload) => (
                <tr>
                  <th scope="row">
                    <span class="mono">{upload.path.slice(upload.path.lastIndexOf('/') + 1)}</span>
                  </th>
                  <td data-l="Size" class="num">
                    not kept
                  </td>
                  <td data-l="Arrived" class="nowrap">
                    <Time at={upload.startedAt} timeZone={team.timeZone} now={now} />
                  </td>
                  <td data-l="From" class="soft nowrap hide-s">
                    {from(upload)}
                  </td>
                  <td data-l="Status" class="fate wide">
                    <Status icon="x" tone="bad">
                      {fateWords(brokenFate(upload))} An earlier file of this name is unchanged.
                    </Status>
                  </td>
                </tr>
              ))}
              {elsewhere.slice(0, FILES_SHOWN).map((file) => (
                <tr>
                  <th scope="row">
                    <span class="mono">{file.path}</span>
                  </th>
                  <td data-l="Size" class="num">
                    {size(file.bytes)}
                  </td>
                  <td data-l="Arrived" class="nowrap">
                    {file.receivedAt && <Time at={new Date(file.receivedAt)} timeZone={team.timeZone} now={now} />}
                  </td>
                  <td class="hide-s" />
                  <td data-l="Status" class="fate wide">
                    <Status icon="ban" soft>
                      {file.reason}
                    </Status>
                    <Act file={file} team={team.team} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {files.length > FILES_SHOWN && <footer>and {files.length - FILES_SHOWN} more</footer>}
    </Card>
  )
}

function from({ source, account }: { source: UploadSource; account: string | null }): string {
  return account === null ? SOURCES[source] : `${account}, ${SOURCES[source]}`
}

function FileLine({ file, view: { team, now, going, fates } }: { file: WaitingFile; view: ImportsView }) {
  const { candidate, origin } = file
  const zone = { timeZone: team.timeZone, now }
  const known = fates.get(candidate.path) ?? null
  const { icon, soft, tone, words, more } = statusOf(file, going !== null)
  return (
    <tr>
      <th scope="row">
        <span class="mono">{candidate.name}</span>
      </th>
      <td data-l="Size" class="num">
        {candidate.state === 'receiving' ? <span class="muted">uploading</span> : size(candidate.bytes)}
      </td>
      <td data-l="Arrived" class="nowrap">
        {candidate.state === 'receiving' && origin ? (
          <span class="st">
            <span class="bar thin busy" role="progressbar" aria-label={`Upload of ${candidate.name}`}>
              <Part />
            </span>
            since <Time at={origin.startedAt} {...zone} />
          </span>
        ) : candidate.receivedAt ? (
          <Time at={candidate.receivedAt} {...zone} />
        ) : (
          <span class="muted">just now</span>
        )}
      </td>
      <td data-l="From" class="soft nowrap hide-s">
        {origin ? from(origin) : SOURCES.host}
      </td>
      <td data-l="Status" class="fate wide">
        <Status icon={icon} soft={soft} {...(tone && { tone })}>
          {words}
          {more && <span class="block xs muted">{more}</span>}
        </Status>
        {known && <Act file={known} team={team.team} />}
      </td>
    </tr>
  )
}

/** The action for a file, unless it is Run Import, which is at the top of the page. */
function Act({ file: { action, batchId, path }, team }: { file: TeamFile; team: string }) {
  const name = <span class="vh"> {path}</span>
  switch (action) {
    case 'import_anyway':
      return (
        <Form action={`/teams/${team}/files/import`}>
          <input type="hidden" name="path" value={path} />
          <button class="btn sm" type="submit">
            Import anyway{name}
          </button>
        </Form>
      )
    case 'approve_or_discard':
    case 'open_batch':
      return batchId === null ? null : (
        <a class="btn sm" href={`/teams/${team}/batches/${batchId}`}>
          {action === 'open_batch' ? 'See its run' : 'Approve or discard'}
          {name}
        </a>
      )
    case 'rename':
      return (
        <a class="btn sm" href={`/teams/${team}/configure#file`}>
          Check path and prefix{name}
        </a>
      )
    default:
      return null
  }
}

interface FileStatus {
  icon: IconName
  soft: boolean
  tone?: 'ok' | 'warn' | 'bad'
  words: string
  more?: string
}

/** The status of a waiting file, in the same words as the API. */
function statusOf({ candidate, fate }: WaitingFile, running: boolean): FileStatus {
  const words = fateWords(fate)
  if (waitsForTurn(fate)) return { icon: 'check', soft: false, tone: 'ok', words: 'Will be imported', more: words }
  if (fate.kind === 'newer_first') return { icon: 'minus', soft: true, words }
  switch (runVerdict(fate)) {
    case 'claimed':
      return { icon: 'play', soft: false, words: running ? 'Importing now' : words }
    case 'superseded':
      return { icon: 'minus', soft: true, words }
    case 'rejected':
      return { icon: 'x', soft: false, tone: 'bad', words }
    case 'held':
      return { icon: 'pause', soft: false, tone: 'warn', words }
    case 'imported':
      return { icon: 'check', soft: true, words }
    case 'waiting':
      return candidate.state === 'ready' && candidate.uploadId !== null
        ? { icon: 'ban', soft: true, words: `Ignored. ${words}` }
        : { icon: 'clock', soft: true, words }
  }
}

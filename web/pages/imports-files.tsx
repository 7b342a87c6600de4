import type { UploadSource } from '../../model/upload.ts'
import type { ImportsView, WaitingFile } from '../imports-view.ts'
import type { IconName } from './components/icon.tsx'
import { Card, Empty, Status } from './components/parts.tsx'
import { Time } from './components/time.tsx'
import { momentWithin, size } from './format.ts'

const SOURCES: Record<UploadSource, string> = {
  ftp: 'FTP',
  ftps: 'FTPS',
  sftp: 'SFTP',
  manual: 'Manual Import',
  host: 'copied on the server',
}

const FILES_SHOWN = 50

export function WaitingFiles({ view }: { view: ImportsView }) {
  const { files, broken, settings, team, login, now } = view
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
            Live
          </span>
        </>
      }
    >
      {files.length + broken.length === 0 ? (
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
                <th>At the next run</th>
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
                  <td data-l="From" class="soft hide-s">
                    {from(upload)}
                  </td>
                  <td data-l="At the next run">
                    <Status icon="x" tone="bad">
                      Incomplete: the connection broke. An earlier file of that name is untouched.
                    </Status>
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

function FileLine({ file, view: { team, now, going } }: { file: WaitingFile; view: ImportsView }) {
  const { candidate, origin } = file
  const zone = { timeZone: team.timeZone, now }
  const { icon, soft, tone, words } = fate(file, going !== null)
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
              <i />
            </span>
            since <Time at={origin.startedAt} {...zone} />
          </span>
        ) : candidate.receivedAt ? (
          <Time at={candidate.receivedAt} {...zone} />
        ) : (
          <span class="muted">just now</span>
        )}
      </td>
      <td data-l="From" class="soft hide-s">
        {origin ? from(origin) : SOURCES.host}
      </td>
      <td data-l="At the next run" class="fate">
        <Status icon={icon} soft={soft} {...(tone && { tone })}>
          {words}
        </Status>
      </td>
    </tr>
  )
}

interface Fate {
  icon: IconName
  soft: boolean
  tone?: 'ok' | 'warn' | 'bad'
  words: string
}

function fate({ candidate, verdict }: WaitingFile, running: boolean): Fate {
  switch (verdict.verdict) {
    case 'claimed':
      return candidate.verdict === 'claimed' && running
        ? { icon: 'play', soft: false, words: 'In the run that is going' }
        : { icon: 'check', soft: false, tone: 'ok', words: 'Will be imported' }
    case 'superseded':
      return { icon: 'minus', soft: true, words: verdict.reason }
    case 'rejected':
      return { icon: 'x', soft: false, tone: 'bad', words: verdict.reason }
    case 'held':
      return { icon: 'pause', soft: false, tone: 'warn', words: verdict.reason }
    case 'imported':
      return { icon: 'check', soft: true, words: verdict.reason }
    case 'waiting':
      return candidate.state === 'ready' && candidate.uploadId !== null
        ? { icon: 'ban', soft: true, words: `Ignored: ${verdict.reason}` }
        : { icon: 'clock', soft: true, words: verdict.reason }
  }
}

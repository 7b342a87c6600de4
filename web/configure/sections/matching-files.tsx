import { waitsForTurn } from '../../../ingest/choosing/fate-uses.ts'
import { fateWords } from '../../../ingest/choosing/fate-words.ts'
import { beginsWith } from '../../../model/which-file.ts'
import type { WaitingFile } from '../../imports/exports.ts'
import { Icon, type IconName } from '../../ui/components/icon.tsx'
import { Card, Note } from '../../ui/components/parts.tsx'
import { moment, size } from '../../ui/format.ts'
import type { ConfigureView } from '../view.ts'

const FILES_SHOWN = 8
const FILE_ENDING = /[^/]\.[a-z][a-z0-9]{1,3}$/i

/** The files in the folder, the matched part of each name marked; a near miss with its reason. */
export function MatchingFiles({ view }: { view: ConfigureView }) {
  const { files, draft } = view
  const prefix = draft.texts['file.namePrefix']
  const matches = ({ candidate }: WaitingFile) => beginsWith(candidate.name, prefix)
  const matching = files.filter(matches)
  const waiting = files.filter(({ fate }) => waitsForTurn(fate)).length
  return (
    <Card id="matches" title="Matching files" aside={<span class="small">{waiting} waiting</span>}>
      <div class="card-b stack-2">
        <Doubts path={draft.texts['file.path']} prefix={prefix} />
        {files.length === 0 ? (
          <p class="small muted">
            No files in <code>{draft.texts['file.path'] || '/'}</code> yet.
          </p>
        ) : (
          <ul class="files">
            {[...matching, ...files.filter((file) => !matches(file))].slice(0, FILES_SHOWN).map((file) => (
              <MatchLine file={file} prefix={prefix} view={view} />
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

/** Of what is allowed, and rarely meant. */
function Doubts({ path, prefix }: { path: string; prefix: string }) {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/'
  return (
    <>
      {FILE_ENDING.test(path) && (
        <Note tone="warn" icon="warn" title="This looks like a file name.">
          File Path is a folder. Did you mean <code>{folder}</code>?
        </Note>
      )}
      {prefix === '' && (
        <Note tone="warn" icon="warn" title="There is no File Name Prefix.">
          Every file in <code>{path || '/'}</code> will be imported.
        </Note>
      )}
    </>
  )
}

function MatchLine({ file, prefix, view: { team, now } }: { file: WaitingFile; prefix: string; view: ConfigureView }) {
  const { candidate, fate } = file
  const { name } = candidate
  const matches = beginsWith(name, prefix)
  // As it is compared: an accent may be a letter of its own in one of the two.
  const [shown, matched] = [name.normalize('NFC'), prefix.normalize('NFC')]
  const icon: IconName = candidate.state === 'receiving' ? 'clock' : matches ? 'file' : 'ban'
  return (
    <li>
      <Icon name={icon} />
      <div>
        <span class={`mono trunc block${matches ? '' : ' muted'}`} title={name}>
          {matches && prefix !== '' ? (
            <>
              <mark>{matched}</mark>
              {shown.slice(matched.length)}
            </>
          ) : (
            name
          )}
        </span>
        <p>
          {waitsForTurn(fate) && candidate.receivedAt
            ? `${moment(candidate.receivedAt, team.timeZone, now)}, would be imported`
            : fateWords(fate)}
        </p>
      </div>
      <span class="small muted">{candidate.state === 'receiving' ? '' : size(candidate.bytes)}</span>
    </li>
  )
}

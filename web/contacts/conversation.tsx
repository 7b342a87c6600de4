import { customField } from '../../model/custom-fields.ts'
import type { ContactView } from './view.ts'

/** The fields that are Visible to User, as users see them beside a conversation. */
export function Conversation({ view: { team, contact, settings } }: { view: ContactView }) {
  const visible = settings.additionalFields.filter(({ visibleToUser }) => visibleToUser)
  const hidden = settings.additionalFields.filter(({ visibleToUser }) => !visibleToUser)
  const merged = settings.additionalFields.find(
    ({ name, mergeable }) => mergeable && customField(contact.customFields, name),
  )
  return (
    <aside class="card wrap" aria-labelledby="conversation-h">
      <header>
        <h2 id="conversation-h" class="grow">
          Conversation view
        </h2>
        <span class="small">as users see it</span>
      </header>
      <div class="card-b stack">
        <div class="row">
          <span class="avatar" aria-hidden="true">
            {contact.firstName.slice(0, 1)}
            {contact.lastName.slice(0, 1)}
          </span>
          <div>
            <b>
              {contact.firstName} {contact.lastName}
            </b>
            <p class="small muted">{contact.mobileDisplay}</p>
          </div>
        </div>
        <dl class="kv roomy">
          {visible.map(({ name }) => (
            <>
              <dt>{name}</dt>
              <dd>{customField(contact.customFields, name) ?? <span class="muted">none</span>}</dd>
            </>
          ))}
          <dt>Assigned to</dt>
          <dd>
            {contact.assignedTo?.name ?? (
              <span class="muted">{contact.staffId === null ? 'no one' : `${contact.staffId} (no such user)`}</span>
            )}
          </dd>
        </dl>
        <div class="bubble">
          Hi <mark>{contact.firstName}</mark>
          {merged && (
            <>
              , about <mark>{customField(contact.customFields, merged.name)}</mark>
            </>
          )}
          .
        </div>
        <p class="xs muted">
          An example of merged fields.
          {contact.optOut.state === 'opted_out' && ' This contact is opted out: users cannot text it.'}
        </p>
      </div>
      <footer>
        {hidden.length > 0 && `Hidden here: ${hidden.map(({ name }) => name).join(', ')}. `}
        <a href={`/teams/${team.team}/configure#more`}>Change</a>
      </footer>
    </aside>
  )
}

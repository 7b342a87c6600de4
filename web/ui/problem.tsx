import type { Look } from '../http/look.ts'
import type { Problem } from '../http/refusal.ts'
import { GateFrame } from './components/gate.tsx'
import { Icon } from './components/icon.tsx'
import { type Document, document } from './document.tsx'

/** Instead of a page that cannot be shown, or of the answer to a form that was refused. */
export function problemPage({ title, detail, errors = [] }: Problem, look: Look) {
  return gate({
    title,
    look,
    children: (
      <>
        <h1>{title}</h1>
        <div class="note bad">
          <Icon name="err" />
          <div class="grow">
            <p>{detail}</p>
            {errors.length > 0 && (
              <ul>
                {errors.map(({ path, message }) => (
                  <li>
                    <code>{path}</code> {message}
                  </li>
                ))}
              </ul>
            )}
          </div>
        </div>
        <a class="btn" href="/">
          Go to the overview
        </a>
      </>
    ),
  })
}

const RETRY_SECONDS = 5

/** While the database is unreachable. Reloads the requested page, unless a form led here. */
export function awayPage({ reference, again }: { reference: string; again: string | null }, look: Look) {
  return gate({
    title: 'The database cannot be reached',
    look,
    wide: true,
    refreshSeconds: again === null ? null : RETRY_SECONDS,
    children: (
      <>
        <h1>
          <Icon name="db" tone="bad" /> The database cannot be reached
        </h1>
        <p class="soft">
          Contacts, settings and runs cannot be shown. <b>No file is lost:</b> uploads in progress continue and waiting
          files stay where they are. A window that is still open when the database returns runs at once.
        </p>
        <dl class="kv tight">
          <dt>Details</dt>
          <dd>
            in the log of the server, reference <code>{reference}</code>
          </dd>
        </dl>
        <div class="note">
          <Icon name="info" />
          <div class="grow">
            <b>For the server administrator:</b> check that PostgreSQL is up and that <code>DATABASE_URL</code> is
            right.
          </div>
        </div>
        {again !== null ? (
          <div class="row" data-retry={String(RETRY_SECONDS)}>
            <a class="btn primary fit" href={again}>
              Try again
            </a>
            <span class="small muted">This page retries every {RETRY_SECONDS} seconds.</span>
          </div>
        ) : (
          <p class="small">Your changes were not saved: go back and send them again in a moment.</p>
        )}
      </>
    ),
  })
}

function gate({ children, wide = false, ...more }: Omit<Document, 'scripts'> & { wide?: boolean }) {
  return document({
    ...more,
    children: (
      <GateFrame wide={wide} leadsHome>
        <section class="card">{children}</section>
      </GateFrame>
    ),
  })
}

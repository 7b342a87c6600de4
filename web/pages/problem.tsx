import type { Problem } from '../errors.ts'
import type { Look } from '../look.ts'
import { Icon, Mark } from './components/icon.tsx'
import { document } from './document.tsx'

/** What a person sees where a page cannot be shown or a form cannot be taken. */
export function problemPage({ title, detail, errors = [] }: Problem, look: Look) {
  return document({
    title,
    look,
    children: (
      <main class="gate">
        <div class="gate-in">
          <a class="brand" href="/">
            <Mark />
            Rosterport
          </a>
          <section class="card">
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
          </section>
        </div>
      </main>
    ),
  })
}

import { THEMES, type Theme } from '../http/look.ts'
import { Form } from './components/form.tsx'
import type { Frame } from './frame.ts'
import type { HealthReport } from './server-health.ts'

/** Health of the server, theme and sign-out, at the foot of the navigation. */
export function SideFoot({ frame, place }: { frame: Frame; place: 'side' | 'top' }) {
  const { health, email, path, look } = frame
  return (
    <div class="side-foot">
      <Health health={health} place={place} now={frame.now} />
      <Form class="row between" action="/theme">
        <input type="hidden" name="to" value={path} />
        <label for={`theme-${place}`}>Theme</label>
        <span class="row">
          <select class="in sm" id={`theme-${place}`} name="theme" data-picker>
            {THEMES.map((theme) => (
              <option value={theme} selected={theme === look.theme}>
                {THEME_TITLES[theme]}
              </option>
            ))}
          </select>
          <button class="btn quiet sm" type="submit">
            Set
          </button>
        </span>
      </Form>
      <Form class="row between" action="/sign-out">
        <a class="trunc who" href="/account" title={`Your account: ${email}`}>
          {email}
        </a>
        <button class="btn quiet sm" type="submit">
          Sign out
        </button>
      </Form>
      <a href="/help">Help</a>
    </div>
  )
}

const THEME_TITLES: Record<Theme, string> = { system: 'System', light: 'Light', dark: 'Dark' }

/** After this time an open page must not look healthy any longer. */
const OLD_SECONDS = 30

/** Replaced as a whole by each update. */
export function Health({ health, place, now }: { health: HealthReport; place: 'side' | 'top'; now: Date }) {
  const age = Math.max(0, Math.round((now.getTime() - health.checkedAt.getTime()) / 1000))
  return (
    <div class="stack-1" id={`health-${place}`} data-age={age} data-old={OLD_SECONDS}>
      <ul class="health" aria-label="Server health">
        {health.parts.map(({ title, ok, detail }) => (
          <li>
            <span class={`dot ${ok ? 'ok' : 'bad'}`} />
            <span>{title}</span>
            <span class={ok ? '' : 't-bad'}>{detail}</span>
          </li>
        ))}
      </ul>
      <p class={age > OLD_SECONDS ? 't-warn' : ''}>
        Checked <span data-seconds>{age}</span> s ago
      </p>
    </div>
  )
}

/** Updates the navigation of an open page. */
export function healthFragments({ health, now }: Pick<Frame, 'health' | 'now'>) {
  return (
    <>
      <Health health={health} place="side" now={now} />
      <Health health={health} place="top" now={now} />
    </>
  )
}

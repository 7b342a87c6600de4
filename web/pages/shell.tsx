import type { Child } from 'hono/jsx'
import { document, Icon, Mark } from './document.tsx'

export interface Shell {
  title: string
  stylesheet: string
  /** Who is signed in. */
  email: string
  children: Child
}

/** The frame of every page behind the sign-in: navigation beside the content, above it on a narrow screen. */
export function shell({ title, stylesheet, email, children }: Shell) {
  return document({
    title,
    stylesheet,
    children: (
      <>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <div class="shell">
          <aside class="side" aria-label="Navigation">
            <a class="brand" href="/">
              <Mark />
              Rosterport
            </a>
            <Navigation email={email} />
          </aside>
          <details class="topbar">
            <summary>
              <span class="brand">Rosterport</span>
              <span class="where">{title}</span>
            </summary>
            <div class="menu">
              <Navigation email={email} />
            </div>
          </details>
          <main class="main" id="main" tabindex={-1}>
            <div class="page">{children}</div>
          </main>
        </div>
      </>
    ),
  })
}

function Navigation({ email }: { email: string }) {
  return (
    <>
      <nav class="nav" aria-label="Server">
        <a href="/" aria-current="page">
          <Icon name="overview" />
          Overview
        </a>
      </nav>
      <div class="side-foot">
        <form class="row between" method="post" action="/sign-out">
          <span class="trunc" title={email}>
            {email}
          </span>
          <button class="btn quiet sm" type="submit">
            Sign out
          </button>
        </form>
      </div>
    </>
  )
}

import type { Child } from 'hono/jsx'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'ok' | 'warn' | 'bad' | 'run' | 'plain'

/** A glyph and a word that say the same as the colour; without an icon a dot that pulses. */
export function Badge({ tone, icon, children }: { tone: Tone; icon: IconName | null; children: Child }) {
  return (
    <span class={`badge ${tone}`}>
      {icon ? <Icon name={icon} /> : <span class="pulse" />}
      {children}
    </span>
  )
}

export interface NoteProps {
  tone?: 'warn' | 'bad' | 'info' | 'ok'
  icon: IconName
  /** One bold sentence. */
  title?: Child
  /** At most two actions. */
  acts?: Child
  id?: string
  /** Read out at once when it appears. */
  alert?: boolean
  children?: Child
}

export function Note({ tone, icon, title, acts, id, alert, children }: NoteProps) {
  return (
    <div class={tone ? `note ${tone}` : 'note'} {...(id && { id, tabindex: -1 })} {...(alert && { role: 'alert' })}>
      <Icon name={icon} />
      <div class="grow">
        {title && <b>{title}</b>} {children}
      </div>
      {acts && <div class="acts">{acts}</div>}
    </div>
  )
}

export interface CardProps {
  id: string
  title: Child
  /** Beside the title, in small print. */
  aside?: Child
  children: Child
  class?: string
  /** The address of the document about it. */
  help?: string
  /** The title takes the space, so that `aside` is at the right edge. */
  wideTitle?: boolean
}

/** A section with a heading that names it. */
export function Card({ id, title, aside, children, class: extra, help, wideTitle = true }: CardProps) {
  return (
    <section class={extra ? `card ${extra}` : 'card'} id={id} aria-labelledby={`${id}-h`}>
      <header>
        <h2 id={`${id}-h`} {...(wideTitle && { class: 'grow' })}>
          {title}
        </h2>
        {aside}
        {help && (
          <a class="small" href={help}>
            Help<span class="vh">: {title}</span>
          </a>
        )}
      </header>
      {children}
    </section>
  )
}

export interface EmptyProps {
  icon: IconName
  title: Child
  acts?: Child
  /** True if the card has nothing else, so that no heading precedes it. */
  alone?: boolean
  children: Child
}

/** An empty list: what will appear here, how, and one or two next steps. */
export function Empty({ icon, title, acts, alone, children }: EmptyProps) {
  return (
    <div class="empty">
      <Icon name={icon} />
      {alone ? <h2>{title}</h2> : <h3>{title}</h3>}
      <p>{children}</p>
      {acts && <div class="row">{acts}</div>}
    </div>
  )
}

export function Fig({
  label,
  value,
  small,
  children,
}: {
  label: string
  value: Child
  small?: Child
  children?: Child
}) {
  return (
    <div class="fig">
      <dt>{label}</dt>
      <dd class="v">
        {value} {small && <small>{small}</small>}
      </dd>
      <dd class="d">{children}</dd>
    </div>
  )
}

/** An icon and its meaning on one line. */
export function Status({
  icon,
  tone,
  soft,
  children,
}: {
  icon: IconName
  tone?: 'ok' | 'warn' | 'bad'
  soft?: boolean
  children: Child
}) {
  return (
    <span class={`st${soft ? ' soft' : ''}`}>
      <Icon name={icon} tone={tone} />
      <span>{children}</span>
    </span>
  )
}

/** A value as in the file. */
export function Chip({ value }: { value: string }) {
  return value === '' ? (
    <span class="chip nil">empty</span>
  ) : (
    <span class="chip" title={value}>
      {value}
    </span>
  )
}

/** A table that scrolls sideways if it must, also by keyboard. */
export function Scroll({ label, children }: { label: string; children: Child }) {
  return (
    <section class="tw" tabindex={0} aria-label={label}>
      {children}
    </section>
  )
}

export interface Crumb {
  label: string
  href?: string | undefined
}

/** The head of a page: breadcrumbs, title, actions. */
export function Head({ crumbs = [], title, sub, acts }: { crumbs?: Crumb[]; title: Child; sub?: Child; acts?: Child }) {
  return (
    <header class="head">
      <div class="grow">
        {crumbs.length > 0 && (
          <nav class="crumbs" aria-label="Breadcrumb">
            {crumbs.map(({ label, href }, index) => (
              <>
                {index > 0 && <span aria-hidden="true">/</span>}
                {href ? <a href={href}>{label}</a> : <span>{label}</span>}
              </>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
        {sub && <p class="sub">{sub}</p>}
      </div>
      {acts && <div class="row acts">{acts}</div>}
    </header>
  )
}

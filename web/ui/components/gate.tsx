import type { Child } from 'hono/jsx'
import { Icon, Mark } from './icon.tsx'

export interface GateProps {
  action: string
  title: string
  /** Why the form was refused; its fields refer to it by the id `fault`. */
  fault: string | null
  /** Below the form. */
  foot?: Child
  children: Child
}

export interface GateFrameProps {
  children: Child
  wide?: boolean
  /** The name of the product leads to the overview. */
  leadsHome?: boolean
}

/** Around what stands alone on a page, without the menu. */
export function GateFrame({ children, wide = false, leadsHome = false }: GateFrameProps) {
  const name = (
    <>
      <Mark />
      Rosterport
    </>
  )
  return (
    <main class="gate">
      <div class={wide ? 'gate-in wide' : 'gate-in'}>
        {leadsHome ? (
          <a class="brand" href="/">
            {name}
          </a>
        ) : (
          <span class="brand">{name}</span>
        )}
        {children}
      </div>
    </main>
  )
}

/** A form before the sign-in. Without a session it needs no form token. */
export function Gate({ action, title, fault, foot, children }: GateProps) {
  return (
    <GateFrame>
      <form class="card" method="post" action={action}>
        <h1>{title}</h1>
        {fault !== null && (
          <div class="note bad" role="alert" id="fault">
            <Icon name="err" />
            <div class="grow">
              <b>{fault}</b>
            </div>
          </div>
        )}
        {children}
      </form>
      {foot}
    </GateFrame>
  )
}

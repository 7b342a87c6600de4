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

/** A form before the sign-in. Without a session it needs no form token. */
export function Gate({ action, title, fault, foot, children }: GateProps) {
  return (
    <main class="gate">
      <div class="gate-in">
        <span class="brand">
          <Mark />
          Rosterport
        </span>
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
      </div>
    </main>
  )
}

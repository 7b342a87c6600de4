import type { Child } from 'hono/jsx'
import { Icon, Mark } from './icon.tsx'

export interface GateProps {
  action: string
  title: string
  /** Why the form was refused; the fields that are to blame are described by `fault`. */
  fault: string | null
  /** Below the form. */
  foot?: Child
  children: Child
}

/** A form that stands before the sign-in, alone on its page: there is no session yet whose token it could hold. */
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

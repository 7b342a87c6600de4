import { type Child, createContext, useContext } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { FORM_TOKEN } from '../../http/sessions/unsent-form.ts'

const FormToken = createContext<string | null>(null)

/** Gives the forms within `children` the token of the session. */
export function WithFormToken({ token, children }: { token: string | null; children: Child }) {
  return <FormToken.Provider value={token}>{children}</FormToken.Provider>
}

/** Every form behind the sign-in that changes something. */
export function Form({ children, ...attributes }: Omit<JSX.IntrinsicElements['form'], 'method'>) {
  const token = useContext(FormToken)
  return (
    <form method="post" {...attributes}>
      {token !== null && <input type="hidden" name={FORM_TOKEN} value={token} />}
      {children}
    </form>
  )
}

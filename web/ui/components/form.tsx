import { type Child, createContext, useContext } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { FORM_TOKEN } from '../../http/form-tokens.ts'

const FormToken = createContext<string | null>(null)

/** `children`, whose forms carry the token of the session that they are shown to. */
export function WithFormToken({ token, children }: { token: string | null; children: Child }) {
  return <FormToken.Provider value={token}>{children}</FormToken.Provider>
}

/** A form that changes something: each one behind the sign-in is made of this. */
export function Form({ children, ...attributes }: Omit<JSX.IntrinsicElements['form'], 'method'>) {
  const token = useContext(FormToken)
  return (
    <form method="post" {...attributes}>
      {token !== null && <input type="hidden" name={FORM_TOKEN} value={token} />}
      {children}
    </form>
  )
}

import type { Child } from 'hono/jsx'
import type { Fault } from '../../http/refusal.ts'
import { Icon } from './icon.tsx'

/** The id of the input with this name, which is also the path that a fault names. */
export function idOf(name: string): string {
  return name.replaceAll('.', '-')
}

export interface FieldProps {
  name: string
  label: Child
  value: string
  faults?: readonly Fault[]
  hint?: Child
  mono?: boolean
  optional?: boolean
  type?: string
  autocomplete?: string
  required?: boolean
  list?: string | undefined
  inputmode?: 'numeric'
}

/** A text input with its label, hint and faults. */
export function TextField({
  name,
  label,
  value,
  faults = [],
  hint,
  mono,
  optional,
  type = 'text',
  ...more
}: FieldProps) {
  const id = idOf(name)
  const fault = faultOf(faults, name)
  const described = [hint && `${id}-hint`, fault && `${id}-err`].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="opt"> optional</span>}
      </label>
      <input
        class={mono ? 'in mono' : 'in'}
        id={id}
        name={name}
        type={type}
        value={value}
        {...more}
        {...(described && { 'aria-describedby': described })}
        {...(fault && { 'aria-invalid': 'true' as const })}
      />
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <Err id={id} fault={fault} />
    </div>
  )
}

/** A current or a new password, so that a browser offers to fill in or to save it. */
export function PasswordField({ isNew, ...field }: Omit<FieldProps, 'value'> & { isNew?: boolean }) {
  const autocomplete = isNew ? 'new-password' : 'current-password'
  return <TextField {...field} type="password" value="" autocomplete={autocomplete} required />
}

export function Err({ id, fault }: { id: string; fault: Fault | undefined }) {
  return fault ? (
    <p class="err" id={`${id}-err`}>
      <Icon name="err" />
      {fault.message}
    </p>
  ) : null
}

export function faultOf(faults: readonly Fault[], name: string): Fault | undefined {
  return faults.find(({ path }) => path === name)
}

export interface Option {
  value: string
  label: Child
  /** The consequence, in small print. */
  small?: Child
}

/** Radio buttons as cards. */
export function Choice({
  name,
  field = name,
  legend,
  value,
  options,
  stacked,
  children,
}: {
  name: string
  /** Set if the same choice is on a page more than once. */
  field?: string
  legend: string
  value: string
  options: readonly Option[]
  stacked?: boolean
  children?: Child
}) {
  return (
    <fieldset class="field">
      <legend class="legend">{legend}</legend>
      <div class={stacked ? 'choice stacked' : 'choice'}>
        {options.map((option, index) => (
          <label>
            <input
              type="radio"
              name={field}
              value={option.value}
              checked={option.value === value}
              {...(index === 0 && { id: idOf(name) })}
            />
            <span>
              {option.label}
              {option.small && <small>{option.small}</small>}
            </span>
          </label>
        ))}
      </div>
      {children}
    </fieldset>
  )
}

/** Every fault of a form with a link to its input. Takes the focus when the page loads. */
export function FaultSummary({ faults }: { faults: readonly Fault[] }) {
  if (faults.length === 0) return null
  return (
    <div class="note bad" id="faults" role="alert" tabindex={-1} data-focus>
      <Icon name="err" />
      <div class="grow">
        <b>{faults.length === 1 ? '1 field needs attention.' : `${faults.length} fields need attention.`}</b> Nothing
        was saved.
        <ul>
          {faults.map(({ path, message }) => (
            <li>
              <a href={`#${idOf(path)}`}>{message}</a>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** A select with its label beside it in the table; `columns` are those of the newest file. */
export function ColumnField({
  name,
  label,
  value,
  columns,
  faults = [],
  none,
}: {
  name: string
  label: string
  value: string
  columns: readonly string[] | null
  faults?: readonly Fault[]
  none: string
}) {
  const id = idOf(name)
  const fault = faultOf(faults, name)
  const more = { ...(fault && { 'aria-invalid': 'true' as const, 'aria-describedby': `${id}-err` }) }
  if (columns === null || columns.length === 0)
    return (
      <>
        <input class="in mono" id={id} name={name} value={value} aria-label={label} {...more} />
        <Err id={id} fault={fault} />
      </>
    )
  const found =
    columns.find((column) => column === value) ??
    columns.find((column) => column.toLowerCase() === value.trim().toLowerCase())
  return (
    <>
      <select class="in mono" id={id} name={name} aria-label={label} {...more}>
        <option value="" selected={value === ''}>
          {none}
        </option>
        {value !== '' && found === undefined && (
          <option value={value} selected>
            {value} (not in the file)
          </option>
        )}
        {columns.map((column) => (
          <option value={column} selected={column === found}>
            {column}
          </option>
        ))}
      </select>
      <Err id={id} fault={fault} />
    </>
  )
}

import { type AdditionalField, MAX_ADDITIONAL_FIELDS } from '../../../model/import-settings.ts'
import { ColumnField, Err, faultOf } from '../../ui/components/fields.tsx'
import { Icon } from '../../ui/components/icon.tsx'
import { Card } from '../../ui/components/parts.tsx'
import type { ConfigureView } from '../view.ts'
import { ColumnChecked } from './dry-run.tsx'
import { Aliases, Samples } from './field-mapping.tsx'

const MARKS = [
  ['required', 'Required'],
  ['mergeable', 'Mergeable'],
  ['visibleToUser', 'Visible to User'],
] as const

export function AdditionalFields({ view }: { view: ConfigureView }) {
  const { draft, newest, faults } = view
  const { additionalFields: list } = draft
  const full = list.length >= MAX_ADDITIONAL_FIELDS
  return (
    <Card
      id="more"
      help="/help/file-format#the-fields"
      title="Additional Fields"
      wideTitle={false}
      aside={
        <span class="small grow">
          {list.length} of {MAX_ADDITIONAL_FIELDS} used
        </span>
      }
    >
      {list.length > 0 && (
        <div class="tw">
          <table class="tbl cards af">
            <thead>
              <tr>
                <th>
                  <span class="vh">Order</span>
                </th>
                <th>Field name</th>
                <th>File column header</th>
                {newest && <th>In the newest file</th>}
                {MARKS.map(([, title]) => (
                  <th class="cb">{title}</th>
                ))}
                <th>
                  <span class="vh">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((field, index) => (
                <FieldLine view={view} field={field} index={index} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <footer>
        <div class="row between">
          <span class="row">
            <button class="btn sm" type="submit" name="add" value="1" id="add" {...(full && { disabled: true })}>
              + Add Field
            </button>
            {full && <span class="t-warn">All {MAX_ADDITIONAL_FIELDS} are used: remove one to add another.</span>}
          </span>
          <Err id="additionalFields" fault={faultOf(faults, 'additionalFields')} />
          <span>
            Required: the column must be in the file; its values may be empty. Mergeable: can be merged into a text
            message. Visible to User: shown in the conversation view.
          </span>
        </div>
      </footer>
    </Card>
  )
}

function FieldLine({ view, field, index }: { view: ConfigureView; field: AdditionalField; index: number }) {
  const { draft, newest, faults } = view
  const own = (name: string) => `additionalFields.${index}.${name}`
  const title = field.name || `additional field ${index + 1}`
  const nameFault = faultOf(faults, own('name'))
  const id = `additionalFields-${index}-name`
  const button = (name: 'up' | 'down' | 'remove', icon: 'up' | 'down' | 'trash', label: string, off: boolean) => (
    <button
      class="btn quiet icon"
      type="submit"
      name={name}
      value={String(index)}
      id={`${name}-${index}`}
      aria-label={label}
      {...(off && { disabled: true })}
    >
      <Icon name={icon} />
    </button>
  )
  return (
    <tr>
      <td class="nowrap">
        <span class="row order">
          {button('up', 'up', `Move ${title} up`, index === 0)}
          {button('down', 'down', `Move ${title} down`, index === draft.additionalFields.length - 1)}
        </span>
      </td>
      <td>
        <input
          class="in"
          id={id}
          name={own('name')}
          value={field.name}
          aria-label={`Name of additional field ${index + 1}`}
          {...(nameFault && { 'aria-invalid': 'true' as const, 'aria-describedby': `${id}-err` })}
        />
        <Err id={id} fault={nameFault} />
      </td>
      <td>
        <ColumnField
          name={own('column')}
          label={`Column of ${title}`}
          value={field.column}
          columns={newest?.columns ?? null}
          faults={faults}
          none="Choose a column"
        />
        <Aliases draft={view.draft} field={field.name} />
      </td>
      {newest && (
        <td class="wide" data-l="In the newest file">
          <Samples view={view} column={field.column} id={own('column')} />
          <ColumnChecked view={view} field={field.name} column={field.column} id={own('column')} />
        </td>
      )}
      {MARKS.map(([name, mark]) => (
        <td class="cb" data-l={mark}>
          <label>
            <input type="checkbox" name={own(name)} checked={field[name]} aria-label={`${mark}: ${title}`} />
          </label>
        </td>
      ))}
      <td class="num end">{button('remove', 'trash', `Remove ${title}`, false)}</td>
    </tr>
  )
}

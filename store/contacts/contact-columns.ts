/** The columns of a contact that a record fills beside its Contact ID, in the order of every statement that lists them. */
const VALUE_COLUMNS = ['first_name', 'last_name', 'mobile_number', 'staff_id', 'custom_fields']

/** `first_name, last_name, ...` */
export const CONTACT_VALUES = VALUE_COLUMNS.join(', ')

/** `c.first_name, c.last_name, ...` */
export function contactValuesOf(alias: string): string {
  return VALUE_COLUMNS.map((column) => `${alias}.${column}`).join(', ')
}

/** `first_name = p.first_name, ...`, for an update from `alias`. */
export function contactValuesFrom(alias: string): string {
  return VALUE_COLUMNS.map((column) => `${column} = ${alias}.${column}`).join(', ')
}

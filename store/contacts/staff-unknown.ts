/** `quoted` is the Staff ID in quotes, or its placeholder. */
export function staffUnknown(quoted: string): string {
  return `No user of the team has the Staff ID ${quoted}; it is stored, and the contact will be assigned once such a user is added.`
}

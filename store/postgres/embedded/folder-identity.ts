import { stat } from 'node:fs/promises'

/** Differs for any two folders at the same moment, whatever their paths are. A copy has another one. */
export async function identityOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true })
  return `${dev}:${ino}`
}

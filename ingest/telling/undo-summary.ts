import type { UndoFigures } from '../../model/run.ts'
import { figure } from '../../model/wording/figure.ts'

/** Why a contact was left as it is. */
export const LEFT_REASONS: Record<UndoFigures['leftContacts'][number]['reason'], string> = {
  another_batch: 'changed by another import since',
  preference: 'its opt-out preference was set by the person or an administrator since',
}

/** `40 contacts restored, 7,203 removed, 3 left as they are because they were changed since`. */
export function undoWords({ restored, removed, left }: UndoFigures): string {
  const contacts = restored === 1 ? 'contact' : 'contacts'
  const rest =
    left === 0
      ? ''
      : `, ${figure(left)} left as ${left === 1 ? 'it is because it was' : 'they are because they were'} changed since`
  return `${figure(restored)} ${contacts} restored, ${figure(removed)} removed${rest}`
}

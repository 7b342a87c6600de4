import type { Contact } from '../../model/contact.ts'
import { Badge } from '../ui/components/parts.tsx'

export function Texting({ contact }: { contact: Contact }) {
  return contact.optOut.state === 'opted_out' ? (
    <Badge tone="warn" icon="ban">
      Opted out
    </Badge>
  ) : (
    <Badge tone="plain" icon="check">
      Opted in
    </Badge>
  )
}

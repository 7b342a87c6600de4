import { moment } from '../format.ts'

/** An instant in the time of the team; hovering shows UTC. */
export function Time({ at, timeZone, now }: { at: Date; timeZone: string; now: Date }) {
  const utc = at.toISOString()
  return (
    <time datetime={utc} title={`${utc.slice(0, 19).replace('T', ' ')} UTC`}>
      {moment(at, timeZone, now)}
    </time>
  )
}

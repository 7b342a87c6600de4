import { Note } from './parts.tsx'

/** Shown by the script if the live updates break off. Screen readers announce progress from the second part. */
export function LiveLost({ timeZone }: { timeZone: string }) {
  return (
    <>
      <div id="live-lost" hidden role="status">
        <Note icon="spin">
          Live updates are interrupted; reconnecting. The import continues. Figures as of{' '}
          <span data-at data-zone={timeZone} />.
        </Note>
      </div>
      <p class="vh" role="status" id="announce" />
    </>
  )
}

import { Note } from './parts.tsx'

/** Shown by the script when the stream of fragments breaks off; progress is read out from the second part. */
export function LiveLost() {
  return (
    <>
      <div id="live-lost" hidden role="status">
        <Note icon="spin">
          Live updates are interrupted; reconnecting. The import continues. Figures as of <span data-at />.
        </Note>
      </div>
      <p class="vh" role="status" id="announce" />
    </>
  )
}

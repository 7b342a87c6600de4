// Keeps the page as it is on the server: whole fragments arrive by server-sent events and replace the element of their id.

const main = document.querySelector('[data-live]')
const MOST_WAIT_MS = 30_000
let wait = 1_000
let lastHeard = new Date()

/** @param {string} html */
function replace(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html').body.firstElementChild
  const former = parsed && document.getElementById(parsed.id)
  if (!parsed || !former || parsed.isEqualNode(former)) return
  const focused = former.contains(document.activeElement) ? document.activeElement : null
  const key = focused && keyOf(focused)
  former.replaceWith(parsed)
  if (key)
    for (const one of parsed.querySelectorAll('a, button, input, [tabindex]'))
      if (one instanceof HTMLElement && keyOf(one) === key) {
        one.focus()
        break
      }
  announce(parsed)
}

/** Identifies an element across re-rendered fragments. @param {Element} element */
function keyOf(element) {
  return element.id || element.getAttribute('href') || element.getAttribute('aria-label') || element.textContent
}

// ---------- progress, told at each quarter and at the end alone ----------

let quarter = -1
/** @param {Element} fragment */
function announce(fragment) {
  if (!(fragment instanceof HTMLElement) || fragment.dataset.percent === undefined) return
  const reached = Math.floor(Number(fragment.dataset.percent) / 25)
  const words = document.getElementById('announce')
  if (reached === quarter || !words) return
  const first = quarter < 0
  quarter = reached
  if (!first || reached > 0) words.textContent = fragment.dataset.words ?? ''
}

// ---------- the stream ----------

function open() {
  if (!(main instanceof HTMLElement)) return
  const stream = new EventSource(main.dataset.live ?? '')
  stream.addEventListener('fragment', (event) => {
    lost(false)
    wait = 1_000
    lastHeard = new Date()
    replace(JSON.parse(event.data))
  })
  stream.addEventListener('alive', (event) => {
    lost(false)
    lastHeard = new Date()
    document.dispatchEvent(new CustomEvent('health', { detail: JSON.parse(event.data) }))
  })
  stream.addEventListener('reload', () => location.reload())
  stream.onerror = () => {
    stream.close()
    lost(true)
    setTimeout(open, wait)
    wait = Math.min(wait * 2, MOST_WAIT_MS)
  }
  window.addEventListener('pagehide', () => stream.close())
}

/** @param {boolean} isLost */
function lost(isLost) {
  const note = document.getElementById('live-lost')
  if (!note) return
  note.hidden = !isLost
  const at = note.querySelector('[data-at]')
  if (at instanceof HTMLElement) at.textContent = lastHeard.toLocaleTimeString('en-US', { timeZone: at.dataset.zone })
  for (const word of document.querySelectorAll('[data-live-word]')) word.textContent = isLost ? 'Not live' : 'Live'
  // What is known of the server comes with the stream: until then it is not known.
  if (isLost) for (const dot of document.querySelectorAll('.health .dot')) dot.classList.remove('ok')
  for (const dot of document.querySelectorAll('[data-live-dot]')) dot.classList.toggle('ok', !isLost)
}

open()

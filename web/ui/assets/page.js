// What every page does with scripts: nothing that it could not do without them.

for (const picker of document.querySelectorAll('select[data-picker]'))
  picker.addEventListener('change', () => {
    if (picker instanceof HTMLSelectElement && picker.value !== '') picker.form?.requestSubmit()
  })

// ---------- the age of what is known of the server's health ----------

const HEALTH_EVERY_MS = 10_000
let lookedAt = performance.now()

function showAge() {
  const passed = Math.round((performance.now() - lookedAt) / 1000)
  for (const health of document.querySelectorAll('[data-age]')) {
    if (!(health instanceof HTMLElement)) continue
    const seconds = Number(health.dataset.age) + passed
    const shown = health.querySelector('[data-seconds]')
    if (!shown) continue
    shown.textContent = String(seconds)
    shown.parentElement?.classList.toggle('t-warn', seconds > Number(health.dataset.old))
  }
}

/** @param {string} html */
function showHealth(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  for (const part of parsed.querySelectorAll('[data-age]')) document.getElementById(part.id)?.replaceWith(part)
  lookedAt = performance.now()
}

// Where the page is live, it comes with the stream.
document.addEventListener('health', (event) => event instanceof CustomEvent && showHealth(event.detail))

async function lookAtHealth() {
  if (document.hidden || performance.now() - lookedAt < 1.5 * HEALTH_EVERY_MS) return
  const answer = await fetch('/server-health', { headers: { accept: 'text/html' } }).catch(() => null)
  if (!answer?.ok || answer.redirected) return
  showHealth(await answer.text())
}

if (document.querySelector('[data-age]')) {
  setInterval(showAge, 1000)
  setInterval(lookAtHealth, HEALTH_EVERY_MS)
}

// ---------- copying, toasts, and where the focus belongs after a refused form ----------

document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null
  if (!(button instanceof HTMLElement)) return
  const text = document.getElementById(button.dataset.copy ?? '')?.textContent ?? ''
  await navigator.clipboard?.writeText(text)
  const label = button.querySelector('[data-label]')
  if (label) label.textContent = 'Copied'
})

const TOAST_MS = 8_000
for (const toast of document.querySelectorAll('[data-toast]')) {
  const address = new URL(location.href)
  for (const told of ['done', 'saved']) address.searchParams.delete(told)
  history.replaceState(null, '', address)
  const leave = () => (toast.matches(':focus-within, :hover') ? setTimeout(leave, TOAST_MS) : toast.remove())
  setTimeout(leave, TOAST_MS)
}

const refused = document.querySelector('[data-focus]')
if (refused instanceof HTMLElement) refused.focus()

for (const button of document.querySelectorAll('[data-dialog]'))
  button.addEventListener('click', (event) => {
    const dialog = document.getElementById(/** @type {HTMLElement} */ (button).dataset.dialog ?? '')
    if (!(dialog instanceof HTMLDialogElement)) return
    event.preventDefault()
    dialog.showModal()
  })

// ---------- a page that could not be shown comes back when it can ----------

const retry = document.querySelector('[data-retry]')
async function tryAgain() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null)
  if (answer && answer.status !== 503) location.reload()
}
if (retry instanceof HTMLElement) setInterval(tryAgain, Number(retry.dataset.retry) * 1000)

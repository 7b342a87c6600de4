// Configure Imports without full reloads: the buttons of the form are pressed behind the page, and the parts that show
// what the settings do to the newest file are updated while the form is edited.

const form = /** @type {HTMLFormElement} */ (document.getElementById('cfg'))
/** @type {Record<string, string>} */
const saved = JSON.parse(form.dataset.saved ?? '{}')
/** The form as it was opened: as saved, or with suggestions. @type {Record<string, string>} */
const opened = JSON.parse(form.dataset.opened ?? '{}')
const TYPING_MS = 300
let leaving = false
/** After a slower dry run, only its button starts another. */
const QUICK_MS = 2_000
let asked = new AbortController()
/** True if the counts of a dry run are shown and can follow the form. */
let follows = false
let typing = 0

// ---------- what has changed since it was saved ----------

/** @returns {Record<string, string>} */
function current() {
  /** @type {Record<string, string>} */
  const values = {}
  for (const control of form.elements) {
    if (control instanceof HTMLInputElement && (control.type === 'checkbox' || control.type === 'radio')) {
      if (control.type === 'checkbox') values[control.name] = control.checked ? 'on' : ''
      else if (control.checked) values[control.name] = control.value
    } else if (control instanceof HTMLInputElement || control instanceof HTMLSelectElement)
      if (control.type !== 'hidden') values[control.name] = control.value
  }
  return values
}

/** @param {string} name */
function titleOf(name) {
  const control = form.elements.namedItem(name)
  const first = control instanceof RadioNodeList ? control[0] : control
  if (!(first instanceof HTMLElement)) return /^additionalFields/.test(name) ? 'Additional Fields' : name
  if (name.startsWith('additionalFields')) return first.getAttribute('aria-label') ?? name
  const legend = first.closest('fieldset')?.querySelector('legend')
  const label = legend ?? form.querySelector(`label[for="${first.id}"]`) ?? first.closest('label')
  return (
    label?.firstChild?.textContent ||
    label?.querySelector('span, b')?.firstChild?.textContent ||
    label?.textContent ||
    name
  ).trim()
}

function changedNames() {
  const now = current()
  return [...new Set([...Object.keys(now), ...Object.keys(saved)])].filter(
    (name) => (now[name] ?? '') !== (saved[name] ?? ''),
  )
}

function showChanges() {
  const names = changedNames()
  const titles = [...new Set(names.map(titleOf))]
  const place = document.querySelector('[data-changes]')
  if (place) {
    place.textContent = ''
    if (titles.length === 0) place.append('No unsaved changes')
    else {
      const dot = Object.assign(document.createElement('span'), { className: 'dot warn' })
      const count = document.createElement('b')
      count.textContent = ` ${titles.length === 1 ? '1 unsaved change' : `${titles.length} unsaved changes`} `
      const list = Object.assign(document.createElement('span'), { className: 'muted' })
      list.textContent = titles.join(', ')
      place.append(dot, count, list)
    }
  }
  for (const control of form.elements)
    if (control instanceof HTMLElement && 'name' in control) {
      const changed = names.includes(String(control.name))
      control.classList.toggle('changed', changed)
      control.closest('td.cb label')?.classList.toggle('chg', changed)
    }
}

// ---------- the parts of the page that follow the form ----------

/** Posts the form with a button that saves nothing. @param {string} name @param {string} value @param {string[]} ids */
async function press(name, value, ids = []) {
  clearTimeout(typing)
  const looks = name === 'try' || name === 'check'
  // What is looked at later says more.
  if (looks) {
    asked.abort()
    asked = new AbortController()
  }
  const signal = looks ? asked.signal : null
  const started = performance.now()
  const body = new URLSearchParams()
  for (const [key, one] of new FormData(form)) body.append(key, String(one))
  body.set(name, value)
  const request = fetch(form.action, { method: 'POST', body, headers: { accept: 'text/html' }, signal })
  const text = await request.then((answer) => (answer.redirected ? '' : answer.text())).catch(() => '')
  if (text === '' || signal?.aborted) return
  if (name === 'check') follows = performance.now() - started < QUICK_MS
  const page = new DOMParser().parseFromString(text, 'text/html')
  const parts = [...ids.flatMap((id) => page.getElementById(id) ?? []), ...page.querySelectorAll('[data-fragment]')]
  for (const part of parts) {
    const former = document.getElementById(part.id)
    if (former && !former.contains(part)) former.replaceWith(part)
  }
  showChanges()
}

/** @param {string} words */
function announce(words) {
  const place = document.getElementById('announce')
  if (place) place.textContent = words
}

/** What a button changes beside the fragments; the others change the list of fields. @type {Record<string, string[]>} */
const CHANGED_PARTS = {
  map: ['map', 'opt', 'more'],
  try: [],
  check: [],
  'add-pause': ['pauses'],
  'remove-pause': ['pauses'],
}

form.addEventListener('submit', async (event) => {
  const button = event.submitter
  if (!(button instanceof HTMLButtonElement)) return
  if (button.name === 'save') {
    leaving = true
    return
  }
  event.preventDefault()
  // What was typed is in what is sent now; asked for again, it would take the place of this answer.
  clearTimeout(typing)
  const { name, value } = button
  const named = form.elements.namedItem(`additionalFields.${value}.name`)
  const title = (named instanceof HTMLInputElement && named.value) || `Field ${Number(value) + 1}`
  await press(name, value, CHANGED_PARTS[name] ?? ['more'])
  const at = Number(value)
  const pauses = form.querySelectorAll('#pauses fieldset').length
  if (name === 'add-pause') focusOn(`pauses-${pauses - 1}-from`)
  if (name === 'remove-pause') focusOn(`remove-pause-${Math.min(at, pauses - 1)}`, 'add-pause')
  if (name === 'add-pause') announce(`Pause ${pauses} added.`)
  if (name === 'remove-pause') announce(`Pause ${at + 1} removed.`)
  const rows = form.querySelectorAll('.af tbody tr').length
  if (name === 'map') focusOn((value.split('=')[0] ?? '').replaceAll('.', '-'))
  if (name === 'add') focusOn(`additionalFields-${rows - 1}-name`)
  if (name === 'remove') focusOn(rows > 0 ? `remove-${Math.min(at, rows - 1)}` : 'add')
  if (name === 'up') focusOn(`up-${at - 1}`, `down-${at - 1}`)
  if (name === 'down') focusOn(`down-${at + 1}`, `up-${at + 1}`)
  if (name === 'up' || name === 'down') announce(`${title} is now number ${at + (name === 'up' ? 0 : 2)} of ${rows}.`)
  if (name === 'check') announce(`The dry run ${document.getElementById('would') ? 'has ended' : 'did not start'}.`)
  if (name === 'add') announce(`Field ${rows} added.`)
  if (name === 'remove') announce(`${title} removed.`)
})

/** The first of these that can have the focus. @param {string[]} ids */
function focusOn(...ids) {
  for (const id of ids) {
    const element = document.getElementById(id)
    if (!(element instanceof HTMLElement) || element.matches(':disabled')) continue
    element.focus()
    return
  }
}

form.addEventListener('input', () => {
  showChanges()
  clearTimeout(typing)
  typing = setTimeout(() => press(follows ? 'check' : 'try', '1'), TYPING_MS)
})

// ---------- leaving with unsaved changes ----------

document.querySelector('[data-discard]')?.addEventListener('click', () => {
  leaving = true
})
window.addEventListener('beforeunload', (event) => {
  const now = current()
  if (!leaving && changedNames().some((name) => (now[name] ?? '') !== (opened[name] ?? ''))) event.preventDefault()
})

showChanges()

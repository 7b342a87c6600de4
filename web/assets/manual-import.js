// Manual Import: the columns are looked at before anything is sent, and the file goes up as it is, with its bytes shown.

const HEAD_BYTES = 256 * 1024
const input = /** @type {HTMLInputElement | null} */ (document.getElementById('file'))
const start = /** @type {HTMLButtonElement} */ (document.getElementById('start'))
/** @type {File | null} */
let chosen = null
/** @type {XMLHttpRequest | null} */
let going = null

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id))
}

/** @param {HTMLElement} element @param {string} selector */
function within(element, selector) {
  return /** @type {HTMLElement} */ (element.querySelector(selector))
}

/** @param {number} bytes */
function size(bytes) {
  return bytes < 1e6
    ? `${Math.max(1, Math.round(bytes / 1e3))} KB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(1)} GB`
}

/** @param {string} words */
function announce(words) {
  place('announce').textContent = words
}

/** @param {File} file */
async function choose(file) {
  chosen = file
  place('refused').hidden = true
  const shown = place('chosen')
  shown.hidden = false
  within(shown, '[data-name]').textContent = file.name
  within(shown, '[data-size]').textContent = size(file.size)
  start.disabled = true
  place('why').textContent = 'Looking at its columns …'
  const answer = await fetch(`/teams/${input?.dataset.team}/manual-import/columns`, {
    method: 'POST',
    body: file.slice(0, HEAD_BYTES),
    headers: {
      accept: 'text/html',
      'content-type': 'application/octet-stream',
      'x-form-token': input?.dataset.formToken ?? '',
    },
  }).catch(() => null)
  if (!answer?.ok) return refuse('The columns could not be looked at. Choose the file again.')
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const columns = page.getElementById('columns')
  if (columns) place('columns').replaceWith(columns)
  const ok = place('columns').dataset.ok === '1'
  start.disabled = !ok
  start.textContent = `Import ${file.name}`
  place('why').textContent = ok
    ? 'All required columns are there. The recap goes to the list, and to you.'
    : 'A required column is missing.'
  announce(ok ? 'All required columns are there.' : 'A required column is missing.')
}

/** @param {string} words */
function refuse(words) {
  const note = place('refused')
  note.hidden = false
  within(note, '[data-words]').textContent = words
  place('upload').hidden = true
  start.disabled = chosen === null
  going = null
}

function send() {
  if (!chosen || going) return
  const team = input?.dataset.team
  const request = new XMLHttpRequest()
  going = request
  start.disabled = true
  place('refused').hidden = true
  const upload = place('upload')
  upload.hidden = false
  const bar = within(upload, '.bar')
  const words = within(upload, '[data-words]')
  let quarter = 0
  request.upload.onprogress = ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / total)
    within(bar, 'i').style.width = `${percent}%`
    bar.setAttribute('aria-valuenow', String(percent))
    bar.setAttribute('aria-valuetext', `${percent} percent`)
    words.textContent = `Uploading ${size(loaded)} of ${size(total)}`
    if (Math.floor(percent / 25) > quarter) {
      quarter = Math.floor(percent / 25)
      announce(`Uploading, ${percent} percent`)
    }
  }
  request.onload = () => {
    /** @type {{ runId?: string, detail?: string }} */
    let answer = {}
    try {
      answer = JSON.parse(request.responseText)
    } catch {
      // What is no JSON says nothing more than its status.
    }
    if (request.status === 202) location.assign(`/teams/${team}/runs/${answer.runId}`)
    else if (request.status === 409) refuse('Another run of this team is going. Import the file when it has ended.')
    else refuse(answer.detail ?? `The server refused the file (${request.status}).`)
  }
  request.onerror = () => refuse('The connection broke. Nothing was imported; try again.')
  request.onabort = () => refuse('The upload was cancelled. Nothing was imported.')
  request.open('PUT', `/api/teams/${team}/manual-import?fileName=${encodeURIComponent(chosen.name)}`)
  request.setRequestHeader('accept', 'application/json')
  request.send(chosen)
}

if (input) {
  input.addEventListener('change', () => input.files?.[0] && choose(input.files[0]))
  start.addEventListener('click', send)
  place('cancel').addEventListener('click', () => going?.abort())
  const drop = place('drop')
  drop.addEventListener('dragover', (event) => event.preventDefault())
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    const file = event.dataTransfer?.files[0]
    if (file) choose(file)
  })
}

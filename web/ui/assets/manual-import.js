// Manual Import: checks the columns before the upload, shows the progress of the upload, then checks the file.

const HEAD_BYTES = 256 * 1024
const form = /** @type {HTMLFormElement} */ (document.getElementById('given'))
const input = /** @type {HTMLInputElement} */ (document.getElementById('file'))
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

/** Puts the parts of these ids in place of ours; what the page says where it has none. @param {string} html @param {string[]} ids */
function replace(html, ids) {
  const page = new DOMParser().parseFromString(html, 'text/html')
  const parts = ids.flatMap((id) => page.getElementById(id) ?? [])
  for (const part of parts) place(part.id).replaceWith(part)
  return parts.length > 0 ? null : (page.querySelector('.note p')?.textContent ?? 'The server refused the file.')
}

/** Another file was chosen: clears the result of the previous one. */
async function choose() {
  const file = input.files?.[0]
  if (!file) return
  if (going) going.onabort = null
  going?.abort()
  await fetch(form.action, { headers: { accept: 'text/html' } })
    .then((answer) => answer.text())
    .then((html) => replace(html, ['import']))
    .catch(() => {})
  place('chosen').hidden = false
  within(place('chosen'), '[data-name]').textContent = file.name
  within(place('chosen'), '[data-size]').textContent = size(file.size)
  place('why').textContent = 'Reading the columns …'
  const answer = await fetch(`${form.action}/columns`, {
    method: 'POST',
    body: file.slice(0, HEAD_BYTES),
    headers: {
      accept: 'text/html',
      'content-type': 'application/octet-stream',
      'x-form-token': String(new FormData(form).get('formToken')),
    },
  }).catch(() => null)
  if (!answer?.ok) return refuse('The columns could not be read. Choose the file again.')
  replace(await answer.text(), ['columns'])
  if (place('columns').dataset.ok === '1') return send()
  place('why').textContent = 'A required column is missing.'
  announce('A required column is missing.')
}

/** @param {string} words */
function refuse(words) {
  const note = place('refused')
  note.hidden = false
  within(note, '[data-words]').textContent = words
  place('upload').hidden = true
  place('why').textContent = 'Choose the file again.'
  input.value = ''
  going = null
}

function send() {
  const request = new XMLHttpRequest()
  going = request
  const upload = place('upload')
  upload.hidden = false
  place('why').textContent = 'It is checked before anything is imported.'
  place('cancel').addEventListener('click', () => request.abort())
  const bar = within(upload, '.bar')
  const words = within(upload, '[data-words]')
  let quarter = 0
  request.upload.onprogress = ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / total)
    within(bar, 'svg').setAttribute('width', `${percent}%`)
    bar.setAttribute('aria-valuenow', String(percent))
    bar.setAttribute('aria-valuetext', `${percent} percent`)
    words.textContent = `Uploading ${size(loaded)} of ${size(total)}`
    if (Math.floor(percent / 25) > quarter) {
      quarter = Math.floor(percent / 25)
      announce(`Uploading, ${percent} percent`)
    }
  }
  request.upload.onload = () => {
    bar.classList.add('busy')
    words.textContent = 'Checking every record …'
    announce('Checking every record')
  }
  request.onload = () => {
    going = null
    const refused = replace(request.responseText, ['chosen', 'columns', 'import'])
    if (refused !== null) return refuse(refused)
    place('start').focus()
    announce(document.getElementById('counts')?.textContent ?? 'This file cannot be imported.')
  }
  request.onerror = () => refuse('The connection was lost. Nothing was imported; try again.')
  request.onabort = () => refuse('The upload was cancelled. Nothing was imported.')
  request.open('POST', form.action)
  request.setRequestHeader('accept', 'text/html')
  request.send(new FormData(form))
}

if (form) {
  input.addEventListener('change', choose)
  const drop = place('drop')
  drop.addEventListener('dragover', (event) => event.preventDefault())
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    if (!event.dataTransfer?.files.length) return
    input.files = event.dataTransfer.files
    choose()
  })
}

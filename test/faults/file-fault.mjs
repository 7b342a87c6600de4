// Loaded into the service before anything else: at the k-th call of the file system on a team's files the process dies or
// is frozen, or the call fails.
import now, { writeSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const at = isMainThread ? Number(process.env.FAULT_AT) : 0
const how = process.env.FAULT_HOW
const folder = `/teams/${process.env.FAULT_TEAM}/`
let seen = 0

/** Tells of the fault, and lets it happen as far as it comes before the call. */
function comes(name) {
  writeSync(2, `the fault comes: ${how} at ${name}\n`)
  if (how === 'kill_before') process.kill(process.pid, 'SIGKILL')
  if (how === 'freeze') process.kill(process.pid, 'SIGSTOP')
  if (how.startsWith('E'))
    throw Object.assign(new Error(`${how}: injected, ${name}`), { code: how, syscall: name, errno: -28 })
}

function killedAfter(result) {
  if (how === 'kill_after') process.kill(process.pid, 'SIGKILL')
  return result
}

function counted(name, isOurs, original) {
  return async function (...args) {
    if (!isOurs.apply(this, args) || ++seen !== at) return original.apply(this, args)
    comes(name)
    return killedAfter(await original.apply(this, args))
  }
}

function countedNow(name, isOurs, original) {
  return (...args) => {
    if (!isOurs(...args) || ++seen !== at) return original(...args)
    comes(name)
    return killedAfter(original(...args))
  }
}

function countedBack(name, isOurs, original) {
  return (...args) => {
    if (!isOurs(...args) || ++seen !== at) return original(...args)
    const back = args.pop()
    try {
      comes(name)
    } catch (error) {
      return back(error)
    }
    original(...args, (...results) => {
      killedAfter()
      back(...results)
    })
  }
}

const onPath = (path) => typeof path === 'string' && `${path}/`.includes(folder)
for (const name of ['rename', 'link', 'unlink', 'mkdir', 'open']) fs[name] = counted(name, onPath, fs[name])

const opened = new WeakSet()
const open = fs.open
fs.open = async (path, ...rest) => {
  const handle = await open(path, ...rest)
  if (onPath(path)) opened.add(handle)
  return handle
}
const probe = await fs.open('/dev/null')
const prototype = Object.getPrototypeOf(probe)
for (const name of ['sync', 'writev'])
  prototype[name] = counted(
    name,
    function () {
      return opened.has(this)
    },
    prototype[name],
  )
await probe.close()

// What is done at once, and what is done to files by their numbers.
const numbers = new Set()
const isOpened = (number) => numbers.has(number)
const { closeSync } = now
now.openSync = countedNow('open', onPath, now.openSync)
const { openSync } = now
now.openSync = (path, ...rest) => {
  const number = openSync(path, ...rest)
  if (onPath(path)) numbers.add(number)
  return number
}
now.closeSync = (number) => {
  numbers.delete(number)
  closeSync(number)
}
now.renameSync = countedNow('rename', onPath, now.renameSync)
now.writevSync = countedNow('writev', isOpened, now.writevSync)
now.fsync = countedBack('sync', isOpened, now.fsync)
syncBuiltinESMExports()

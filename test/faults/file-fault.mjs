// Loaded into the service before anything else: at the k-th call of the file system on a team's files the process dies or
// is frozen, or the call fails; whichever of its three ways node:fs is called.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const at = isMainThread ? Number(process.env.FAULT_AT) : 0
const how = process.env.FAULT_HOW
const folder = `/teams/${process.env.FAULT_TEAM}/`
const { writeSync } = fs
let seen = 0

/** Counts a call; answers whether the fault comes with it, or throws it. */
function strikes(name) {
  if (++seen !== at) return false
  writeSync(2, `the fault comes: ${how} at ${name}\n`)
  if (how === 'kill_before') process.kill(process.pid, 'SIGKILL')
  if (how === 'freeze') process.kill(process.pid, 'SIGSTOP')
  if (how.startsWith('E'))
    throw Object.assign(new Error(`${how}: injected, ${name}`), { code: how, syscall: name, errno: -28 })
  return true
}

const endAfter = () => how === 'kill_after' && process.kill(process.pid, 'SIGKILL')

/** As `original` with all that it has, or what makes promises of it no longer knows it. */
function inPlaceOf(original, replacement) {
  return Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original))
}

function promised(name, isOurs, original) {
  return inPlaceOf(original, async function (...args) {
    const struck = isOurs.apply(this, args) && strikes(name)
    const result = await original.apply(this, args)
    if (struck) endAfter()
    return result
  })
}

function atOnce(name, isOurs, original) {
  return inPlaceOf(original, (...args) => {
    const struck = isOurs(...args) && strikes(name)
    const result = original(...args)
    if (struck) endAfter()
    return result
  })
}

function calledBack(name, isOurs, original) {
  return inPlaceOf(original, (...args) => {
    const callback = args.pop()
    let struck = false
    try {
      struck = isOurs(...args) && strikes(name)
    } catch (error) {
      process.nextTick(callback, error)
      return
    }
    original(...args, (...results) => {
      if (struck) endAfter()
      callback(...results)
    })
  })
}

const onPath = (path) => typeof path === 'string' && `${path}/`.includes(folder)
for (const name of ['rename', 'link', 'unlink', 'mkdir', 'open']) {
  fs.promises[name] = promised(name, onPath, fs.promises[name])
  fs[name] = calledBack(name, onPath, fs[name])
  fs[`${name}Sync`] = atOnce(name, onPath, fs[`${name}Sync`])
}

const handles = new WeakSet()
const openHandle = fs.promises.open
fs.promises.open = async (path, ...rest) => {
  const handle = await openHandle(path, ...rest)
  if (onPath(path)) handles.add(handle)
  return handle
}
const probe = await openHandle('/dev/null')
const prototype = Object.getPrototypeOf(probe)
const isOurs = function () {
  return handles.has(this)
}
for (const name of ['sync', 'writev']) prototype[name] = promised(name, isOurs, prototype[name])
await probe.close()

const numbers = new Set()
const isNumberOfOurs = (number) => numbers.has(number)
const { open, openSync, close, closeSync } = fs
fs.openSync = inPlaceOf(openSync, (path, ...rest) => {
  const number = openSync(path, ...rest)
  if (onPath(path)) numbers.add(number)
  return number
})
fs.open = inPlaceOf(open, (path, ...rest) => {
  const callback = rest.pop()
  open(path, ...rest, (error, number) => {
    if (!error && onPath(path)) numbers.add(number)
    callback(error, number)
  })
})
fs.closeSync = inPlaceOf(closeSync, (number) => {
  numbers.delete(number)
  closeSync(number)
})
fs.close = inPlaceOf(close, (number, ...rest) => {
  numbers.delete(number)
  close(number, ...rest)
})
for (const [name, called] of [
  ['sync', 'fsync'],
  ['writev', 'writev'],
]) {
  fs[called] = calledBack(name, isNumberOfOurs, fs[called])
  fs[`${called}Sync`] = atOnce(name, isNumberOfOurs, fs[`${called}Sync`])
}
syncBuiltinESMExports()

// Loaded into the service before anything else: its wall clock is set ahead or back while it runs, as an administrator or
// a time server does. Timers go on as they do in a real jump: they count time that has passed.
import { readFileSync, writeSync } from 'node:fs'

const RealDate = Date
let shift = 0
const read = () => {
  shift = Number(readFileSync(process.env.CLOCK_FILE, 'utf8'))
  writeSync(2, `the clock is ${shift}\n`)
}
read()
process.on('SIGUSR2', read)

const now = () => RealDate.now() + shift
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
})

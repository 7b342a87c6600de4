import type { FileArea, FileEntry, OpenFile, PendingFile } from '../../../files/file-area.ts'
import type { FileIdentity } from '../../../model/upload.ts'

const OTHER = 0xffffn

/** The same folder as a second machine mounts it: every file is there, on a device of another number. */
export function secondMount(area: FileArea): FileArea {
  const over = (identity: FileIdentity) => ({ ...identity, device: identity.device ^ OTHER })
  const entryOver = (entry: FileEntry) => ({ ...entry, identity: over(entry.identity) })
  const openOver = (file: OpenFile): OpenFile => ({ ...file, entry: entryOver(file.entry) })
  const pendingOver = (pending: PendingFile) =>
    overlaid(pending, {
      written: async () => over(await pending.written()),
      seal: async () => over(await pending.seal()),
      publish: async (...asked) => entryOver(await pending.publish(...asked)),
    })
  return overlaid(area, {
    receive: async (options) => pendingOver(await area.receive(options)),
    resume: async (name) => {
      const pending = await area.resume(name)
      return pending && pendingOver(pending)
    },
    stat: async (path) => entryOver(await area.stat(path)),
    async *list(folder) {
      for await (const entry of area.list(folder)) yield entryOver(entry)
    },
    open: async (path) => openOver(await area.open(path)),
    openPending: async (name) => openOver(await area.openPending(name)),
    moveThis: (from, identity, to) => area.moveThis(from, over(identity), to),
    removeThis: (path, identity, sha256) => area.removeThis(path, over(identity), sha256),
  })
}

/** Some operations of `whole` done in another way. */
export function overlaid<T extends object>(whole: T, changes: Partial<T>): T {
  return new Proxy(whole, {
    get(target, key) {
      const own = Reflect.get(changes, key)
      if (own) return own
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

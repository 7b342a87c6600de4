import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'

const LARGE = 16 << 10

/**
 * `content`, text or bytes, as the body of an answer, produced as fast as it is read. It is read outside of the request,
 * so its queries get the context of the request again: row security depends on it.
 */
export function streamed(
  content: AsyncIterable<string | Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const onBehalf = AsyncLocalStorage.snapshot()
  const parts = content[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await onBehalf(() => parts.next())
      if (done) return controller.close()
      controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value)
      if (value.length < LARGE) return
      // Parts that are there already would follow each other without a turn for anybody else.
      await setImmediate()
    },
    async cancel() {
      await onBehalf(() => parts.return?.())
    },
  })
}

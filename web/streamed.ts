import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * `text` as the body of an answer, made as fast as it is read. Whoever reads it does so outside of the request; its queries
 * still run on behalf of the one who asked.
 */
export function streamed(text: AsyncIterable<string>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const onBehalf = AsyncLocalStorage.snapshot()
  const parts = text[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await onBehalf(() => parts.next())
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await onBehalf(() => parts.return?.())
    },
  })
}

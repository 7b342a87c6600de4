/**
 * Gives the memory of bytes back that nobody needs any more: megabytes would otherwise wait for a collection. Not every release
 * of Node.js can. They must have their buffer for themselves.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer?.(0)
}

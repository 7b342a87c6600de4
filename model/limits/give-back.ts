/** Frees bytes that have their buffer for themselves. */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer?.(0)
}

/** Frees bytes unless others share their buffer. */
export function giveBackUnshared(bytes: Uint8Array): void {
  if (bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength) giveBack(bytes)
}

/** Files that are compressed as their extension says. */
import type { Transform } from 'node:stream'
import {
  createBrotliCompress,
  createBrotliDecompress,
  createGunzip,
  createGzip,
  createZstdCompress,
  createZstdDecompress,
} from 'node:zlib'

interface Compression {
  readonly pack: () => Transform
  readonly unpack: () => Transform
}

/** By extension, without the dot. */
export const compressions: Readonly<Record<string, Compression>> = {
  gz: { pack: () => createGzip(), unpack: () => createGunzip() },
  br: { pack: () => createBrotliCompress(), unpack: () => createBrotliDecompress() },
  zst: { pack: () => createZstdCompress(), unpack: () => createZstdDecompress() },
}

/** `cities.json.gz` → its format's extension and its compression; either may be absent. */
export function splitName(name: string): { readonly stem: string; readonly format?: string; readonly packed?: string } {
  const parts = name.split('.')
  const last = parts.at(-1)!
  const packed = parts.length > 1 && Object.hasOwn(compressions, last) ? last : undefined
  if (packed !== undefined) parts.pop()
  const format = parts.length > 1 ? parts.pop() : undefined
  return { stem: parts.join('.'), ...(format !== undefined && { format }), ...(packed !== undefined && { packed }) }
}

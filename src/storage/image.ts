/**
 * Width, height and kind of an image, from its header. Nothing is decoded: a bomb that unpacks to gigabytes is only
 * measured. Each reader looks at bytes once and in order, so that a file made to be slow to read is not.
 */
import { head } from './source.ts'

/** Bytes that are looked at: JPEG has colour profiles and previews in front of its size, the others little. */
const HEADER = 512 * 1024
/** Pixels of a side: what PNG allows and a column of integers holds. A header that claims more would fail the insert. */
const MOST_PIXELS = 0x7fff_ffff

export interface ImageSize {
  readonly width: number
  readonly height: number
  /** By what is in it, not by its name. */
  readonly type: 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp' | 'avif' | 'heic'
}

/** The size of an image, from its first bytes; null for what is none of `IMAGE_EXTENSIONS`, or cut short. */
export async function imageSize(content: AsyncIterable<Uint8Array>): Promise<ImageSize | null> {
  const bytes = await head(content, HEADER)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const found = sizeOf(view)
    return found !== null && isSide(found.width) && isSide(found.height) ? found : null
  } catch (error) {
    if (error instanceof RangeError) return null // a read behind the end: cut short, or made up
    throw error
  }
}

const isSide = (pixels: number): boolean => pixels > 0 && pixels <= MOST_PIXELS

/** @throws RangeError for one that is cut short */
function sizeOf(view: DataView): ImageSize | null {
  const start = text(view, 0, Math.min(12, view.byteLength))
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return png(view)
  if (start.startsWith('\xff\xd8\xff')) return jpeg(view)
  if (/^GIF8[79]a/.test(start)) return { type: 'gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return webp(view)
  if (start.startsWith('BM')) return bmp(view)
  if (/^.{4}ftyp/s.test(start)) return heif(view, start.slice(8))
  return null
}

function text(view: DataView, at: number, length: number): string {
  let result = ''
  for (let i = 0; i < length; i++) result += String.fromCharCode(view.getUint8(at + i))
  return result
}

function png(view: DataView): ImageSize | null {
  if (text(view, 12, 4) !== 'IHDR') return null
  return { type: 'png', width: view.getUint32(16), height: view.getUint32(20) }
}

/** From segment to segment, to the one that says how the picture is coded (start of frame). */
function jpeg(view: DataView): ImageSize | null {
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2 // fill bytes, and markers that stand alone
      continue
    }
    // 0xc0 to 0xcf, but for tables: Huffman (c4), reserved (c8), arithmetic (cc).
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { type: 'jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    if (marker === 0xd9 || marker === 0xda) return null // the end, or the picture itself, before its size
    const length = view.getUint16(at + 2)
    if (length < 2) return null
    at += 2 + length
  }
}

function webp(view: DataView): ImageSize | null {
  const type = 'webp'
  switch (text(view, 12, 4)) {
    case 'VP8 ':
      if (view.getUint8(23) !== 0x9d || view.getUint8(24) !== 0x01 || view.getUint8(25) !== 0x2a) return null
      return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 'VP8L': {
      if (view.getUint8(20) !== 0x2f) return null
      const bits = view.getUint32(21, true)
      return { type, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X': {
      const three = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
      return { type, width: three(24) + 1, height: three(27) + 1 }
    }
    default:
      return null
  }
}

function bmp(view: DataView): ImageSize | null {
  const header = view.getUint32(14, true)
  if (header === 12) return { type: 'bmp', width: view.getUint16(18, true), height: view.getUint16(20, true) }
  if (header < 40 || header > 124) return null
  return { type: 'bmp', width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) } // negative: top down
}

const BRANDS: Readonly<Record<string, 'avif' | 'heic'>> = {
  avif: 'avif',
  avis: 'avif',
  ...{ heic: 'heic', heix: 'heic', hevc: 'heic', hevx: 'heic', mif1: 'heic', msf1: 'heic' },
}

/** AVIF and HEIC: boxes in boxes. `meta` has `iprp`, that `ipco`, and that the size (`ispe`) of each picture; the largest counts. */
function heif(view: DataView, brand: string): ImageSize | null {
  const type = Object.hasOwn(BRANDS, brand) ? BRANDS[brand] : undefined
  const meta = child(view, 0, view.byteLength, 'meta')
  const iprp = meta && child(view, meta.start + 4, meta.end, 'iprp')
  const ipco = iprp && child(view, iprp.start, iprp.end, 'ipco')
  if (type === undefined || !ipco) return null
  let largest: ImageSize | null = null
  for (const box of boxes(view, ipco.start, ipco.end)) {
    if (box.name !== 'ispe') continue
    const [width, height] = [view.getUint32(box.start + 4), view.getUint32(box.start + 8)]
    if (largest === null || width * height > largest.width * largest.height) largest = { type, width, height }
  }
  return largest
}

interface Box {
  readonly name: string
  readonly start: number
  readonly end: number
}

function child(view: DataView, start: number, end: number, name: string): Box | null {
  for (const box of boxes(view, start, end)) if (box.name === name) return box
  return null
}

/** The boxes between two bytes. Each is at least its own head, so that the walk ends. */
function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at)
    if (size !== 0 && size < 8) return // 1: longer than 4 GB, which no header is
    const next = size === 0 ? end : Math.min(at + size, end)
    yield { name: text(view, at + 4, 4), start: at + 8, end: next }
    at = next
  }
}

import { imageSize } from 'nuages/storage'
import { describe, expect, test } from 'vitest'
import * as images from './images.ts'

const { avif, bmp, box, gif, ispe, jpeg, png, webp, webpExtended, webpLossless, withProfile } = images

const sizeOf = (bytes: Uint8Array, chunk = bytes.length) => {
  async function* parts() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk)
  }
  return imageSize(parts())
}
const all: readonly (readonly [string, Buffer])[] = [
  ['png', png],
  ['jpeg', jpeg],
  ['jpeg', withProfile(3)],
  ['gif', gif],
  ['webp', webp],
  ['webp', webpLossless],
  ['webp', webpExtended],
  ['bmp', bmp],
  ['avif', avif],
]

describe('MOD-09 the size of an image, from its header', () => {
  test.each(all)('%s', async (type, bytes) => {
    expect(await sizeOf(bytes)).toEqual({ type, width: 7, height: 5 })
    expect(await sizeOf(bytes, 5)).toEqual({ type, width: 7, height: 5 })
  })

  test('what is no image has none: text, SVG, HTML, nothing, a size of zero', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="5"><script>alert(1)</script></svg>'
    for (const text of ['', 'BM', 'GIF89a', 'hello', svg, '<html>', 'RIFF1234WEBPABCD', '\x89PNG\r\n\x1a\n'])
      expect([text, await sizeOf(Buffer.from(text, 'latin1'))]).toEqual([text, null])
    const empty = Buffer.from(png)
    empty.writeUInt32BE(0, 16)
    expect(await sizeOf(empty)).toBeNull()
  })

  test('SEC-10 a header that claims more pixels than a column of integers holds is none', async () => {
    for (const at of [16, 20]) {
      const huge = Buffer.from(png)
      huge.writeUInt32BE(0x7fff_ffff, at)
      expect(await sizeOf(huge)).not.toBeNull() // only measured: nothing is unpacked
      huge.writeUInt32BE(0x8000_0000, at)
      expect(await sizeOf(huge)).toBeNull()
    }
  })

  test('an image cut short anywhere before its size has none, and no cut makes another size', async () => {
    for (const [type, bytes] of all) {
      for (let length = 0; length < Math.min(bytes.length, 400); length++) {
        const found = await sizeOf(bytes.subarray(0, length))
        if (found !== null && type !== 'avif') expect(found).toEqual({ type, width: 7, height: 5 })
      }
    }
  })

  test('SEC-11 files made to be slow to read are read fast: no loop, no second look', async () => {
    const sizes = Buffer.concat(Array.from({ length: 40_000 }, () => ispe(0, 0)))
    const hostile = [
      Buffer.concat([box('ftyp', Buffer.from('avif')), box('meta', Buffer.alloc(4), box('iprp', box('ipco', sizes)))]),
      Buffer.concat([box('ftyp', Buffer.from('avif')), Buffer.alloc(500_000)]), // boxes of size 0
      Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(500_000, 0xff)]),
      Buffer.concat([jpeg.subarray(0, 2), Buffer.from('ffe00001', 'hex'), Buffer.alloc(500_000)]),
      Buffer.concat([
        jpeg.subarray(0, 2),
        Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from('ffe00002', 'hex'))),
      ]),
    ]
    // Half a megabyte looked at again for each of its bytes would outlast the test's limit of time.
    for (const bytes of hostile) expect(await sizeOf(bytes)).toBeNull()
  })

  test('only the start is read', async () => {
    let read = 0
    async function* endless() {
      yield Buffer.from('no image')
      for (; ; read++) yield new Uint8Array(64 * 1024)
    }
    expect(await imageSize(endless())).toBeNull()
    expect(read).toBeLessThan(10)
  })
})

/** Images of 7 × 5 red pixels: three as a browser writes them, the others by their headers. */
const text = (value: string) => Buffer.from(value, 'latin1')
const base64 = (value: string) => Buffer.from(value, 'base64')
const u32 = (value: number) => Buffer.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])

export const png = base64(
  'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFCAYAAACJmvbYAAAAHklEQVR4AbTJMQ0AAADCsAX/nkEBfCzZVRncFqMTBgAA///iXYXJAAAABklEQVQDACA9Df1MQUJ/AAAAAElFTkSuQmCC',
)
/** Without the colour profile that the browser puts in front: {@link withProfile} has one. */
export const jpeg = base64(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////////////////////////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////////wAARCAAFAAcDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAwT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQA1j/2Q==',
)
/** A JPEG with segments of profiles in front of its size, each of 64 KB, and fill bytes. */
export function withProfile(segments: number): Buffer {
  const segment = Buffer.concat([Buffer.from([0xff, 0xff, 0xe2, 0xff, 0xff]), Buffer.alloc(0xfffd, 0xff)])
  return Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: segments }, () => segment), jpeg.subarray(2)])
}

const riff = (chunks: Buffer) => Buffer.concat([text('RIFF'), Buffer.alloc(4), text('WEBP'), chunks])
const VP8 = 'VlA4ICgAAACQAQCdASoHAAUAB0CWJaACdLoAA5gA/uUK+Cepco/+N48CvJdjoAAA'
const VP8L = 'VlA4TA8AAAAvBgABAAcQ/Y/+ByKi/wEA'
export const webp = riff(base64(VP8))
export const webpLossless = riff(base64(VP8L))
export const webpExtended = riff(
  Buffer.concat([text('VP8X'), Buffer.from([10, 0, 0, 0, 0x20, 0, 0, 0, 6, 0, 0, 4, 0, 0]), base64(VP8)]),
)
export const gif = Buffer.concat([text('GIF89a'), Buffer.from([7, 0, 5, 0, 0, 0, 0, 0x3b])])
export const bmp = Buffer.concat([
  text('BM'),
  Buffer.alloc(12),
  Buffer.from([40, 0, 0, 0, 7, 0, 0, 0, 0xfb, 0xff, 0xff, 0xff, 1, 0, 24, 0]), // −5 rows: top down
])

/** A box of AVIF. */
export const box = (name: string, ...content: Buffer[]) => {
  const inside = Buffer.concat(content)
  return Buffer.concat([u32(8 + inside.length), text(name), inside])
}
export const ispe = (width: number, height: number) => box('ispe', u32(0), u32(width), u32(height))
/** With a thumbnail, which is another picture of the same file. */
export const avif = Buffer.concat([
  box('ftyp', text('avif'), u32(0), text('mif1')),
  box('meta', u32(0), box('hdlr', u32(0)), box('iprp', box('ipco', ispe(3, 2), ispe(7, 5)))),
  box('mdat', Buffer.alloc(30)),
])

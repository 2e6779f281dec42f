/** Uploads as attackers send them, byte by byte, to a server that keeps them in a folder. */
import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, mediaFiles, type View } from 'nuages/http'
import { cleanName, FileStorage, fileSystem } from 'nuages/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { raw, serve } from '../http/support.ts'

let root: string
let temporary: string
const before = process.env.TMPDIR
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'nuages-media-')))
  temporary = await realpath(await mkdtemp(join(tmpdir(), 'nuages-temp-')))
  process.env.TMPDIR = temporary
})
afterEach(async () => {
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  for (const folder of [root, temporary]) await rm(folder, { recursive: true, force: true })
})

type Bytes = string | Uint8Array
const bytesOf = (text: Bytes): Uint8Array => (typeof text === 'string' ? Buffer.from(text) : text)
function part(name: Bytes, content: Bytes): Buffer {
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="'
  return Buffer.concat([head, name, '"\r\nContent-Type: image/png\r\n\r\n', content, '\r\n'].map(bytesOf))
}
function post(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([...parts, Buffer.from('--x--\r\n')])
  const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** A site that stores every file it is sent below `in/`, and serves them. */
async function site() {
  const files = new FileStorage(fileSystem({ root: join(root, 'media'), url: '/media/' }))
  const view: View = async (request) => {
    const names: string[] = []
    for (const [, file] of (await request.form()).files)
      names.push(await files.save(`in/${cleanName(file.name)}`, file))
    return json({ names })
  }
  const { port, errors } = await serve(view, { middleware: [mediaFiles({ url: '/media/', storage: () => files })] })
  return { port, errors, files }
}
/** Files that this process has open below our folders. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(root) || path.startsWith(temporary) ? [path] : []
    } catch {
      return [] // closed meanwhile
    }
  })
}
async function nothingLeft(): Promise<void> {
  for (let i = 0; i < 200 && (readdirSync(temporary).length > 0 || openFiles().length > 0); i++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect([readdirSync(temporary), openFiles()]).toEqual([[], []])
}

describe('SEC-11 names over a socket', () => {
  test.each<[string, Bytes, string]>([
    ['traversal', '../../x.png', 'x.png'],
    ['traversal with backslashes', '..\\..\\x.png', 'x.png'],
    ['an absolute path', '/etc/passwd', 'passwd'],
    ['a drive', 'C:\\x.png', 'x.png'],
    ['NUL', 'a\0.png', 'a.png'],
    ['overlong UTF-8: a dot and a slash', new Uint8Array([0xc0, 0xae, 0xc0, 0xae, 0xc0, 0xaf, 0x78]), 'x'],
    ['percent escapes', '..%2f..%2fx.png', '_..2f..2fx.png'],
    ['entities', '&#46;&#46;&#47;x', 'x'],
    ['a second name', 'x.png"; filename="../../y.png', 'x.png'],
    ['a header', 'a.png\r\nX-Evil: 1', 'a.png'],
    ['a device', 'con.png', '_con.png'],
    ['an alternate stream', 'x.png::$DATA', 'x.pngDATA'],
    ['settings of a server', '.htaccess', '_.htaccess'],
    ['a temporary file of ours', '.nuages-abcd', '_.nuages-abcd'],
    ['a terminal’s command', '\x1b[2J.png', '2J.png'],
    ['letters from right to left', '\u202egnp.exe', 'gnp.exe'],
    ['a shell’s command', '$(touch x)', 'touch_x'],
    ['too many letters', `${'x'.repeat(5000)}.png`, `${'x'.repeat(251)}.png`],
  ])('%s', async (_, name, stored) => {
    const { port } = await site()
    const answer = await raw(port, post(part(name, 'content')))
    expect(answer).toContain(JSON.stringify({ names: [`in/${stored}`] }))
    expect(await readdir(root)).toEqual(['media'])
    expect(await readdir(join(root, 'media'))).toEqual(['in'])
    expect(await readdir(join(root, 'media/in'))).toEqual([stored])
    expect(answer).not.toMatch(/^X-Evil/im)
  })

  test('names that differ in letters alone are different files, or get letters of their own', async () => {
    const { port, files } = await site()
    const answer = await raw(port, post(part('Photo.png', 'one'), part('photo.png', 'two'), part('photo.png', 'three')))
    const { names } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { names: string[] }
    expect(await Promise.all(names.map((name) => files.text(name)))).toEqual(['one', 'two', 'three'])
  })
})

describe('SEC-10 uploads without end', () => {
  test('10,000 parts are refused before one is stored', async () => {
    const { port } = await site()
    const answer = await raw(port, post(...Array.from({ length: 10_000 }, () => part('a.png', 'x'))))
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(await readdir(root)).toEqual([])
    await nothingLeft()
  })

  test('100 clients that go away at any byte leave no file, open or closed, and no name', async () => {
    const { port, errors } = await site()
    const bytes = post(part('a.png', new Uint8Array(700_000)), part('b.png', new Uint8Array(500_000)))
    const client = (i: number): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1')
        const cut = bytes.subarray(0, Math.floor((bytes.length * (i + 1)) / 101))
        socket.on('error', () => undefined)
        socket.on('close', () => resolve())
        socket.write(cut, () => setTimeout(() => socket.destroy(), i % 7))
      })
    await Promise.all(Array.from({ length: 100 }, (_, i) => client(i)))
    await nothingLeft()
    expect(await readdir(root)).toEqual([])
    expect(errors).toEqual([])
    expect(await raw(port, post(part('a.png', 'x')))).toMatch(/^HTTP\/1.1 200 /)
  })

  test('100 clients that go away in the middle of a download leave no file open', async () => {
    const { port, files } = await site()
    await files.save('big.bin', new Uint8Array(20_000_000))
    for (let i = 0; i < 100; i++) {
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1')
        socket.on('error', () => undefined)
        socket.on('close', () => resolve())
        socket.write(
          `${i % 3 === 2 ? 'HEAD' : 'GET'} /media/big.bin HTTP/1.1\r\nHost: x\r\n${i % 2 === 0 ? '' : 'Range: bytes=5-\r\n'}\r\n`,
        )
        if (i % 4 === 0) setTimeout(() => socket.destroy(), i % 5)
        else socket.once('data', () => socket.destroy())
      })
    }
    await nothingLeft()
  })
})

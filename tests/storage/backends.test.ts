import { access, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cleanName, configureStorages, FileStorage, fileSystem, inMemory, newFile, storage } from 'nuages/storage'
import { afterAll, describe, expect, test } from 'vitest'
import { describeStorageBackend } from '../contracts/storage-backend.ts'

const made: string[] = []
async function freshFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nuages-storage-')))
  made.push(folder)
  return folder
}
afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true })
})

describeStorageBackend('a folder', async () => fileSystem({ root: join(await freshFolder(), 'not/made/yet') }))
describeStorageBackend('memory', async () => inMemory())

describe('FORM-23 a folder', () => {
  test('permissions are as configured, whatever the umask, for every file and folder made', async () => {
    const root = await freshFolder()
    const files = new FileStorage(fileSystem({ root, fileMode: 0o640, folderMode: 0o750 }))
    const upload = join(root, 'upload')
    await writeFile(upload, 'x', { mode: 0o600 })
    await Promise.all(Array.from({ length: 10 }, (_, i) => files.save(`a/b${i % 3}/c/${i}.txt`, 'x')))
    const linked = { name: 'u.txt', temporaryPath: upload, stream: () => new Blob(['x']).stream() }
    await files.save('a/u.txt', linked)
    const mode = async (name: string) => ((await stat(join(root, name))).mode & 0o777).toString(8)
    expect(await Promise.all(['a/b0/c/0.txt', 'a/u.txt'].map(mode))).toEqual(['640', '640'])
    expect(await Promise.all(['a', 'a/b0', 'a/b0/c', 'a/b2/c'].map(mode))).toEqual(['750', '750', '750', '750'])
    const plain = new FileStorage(fileSystem({ root }))
    await plain.save('p.txt', 'x')
    expect(await mode('p.txt')).toBe('644')
  })

  test('an upload in a temporary file is linked or copied, not read; it stays where it was', async () => {
    const root = await freshFolder()
    const upload = join(root, 'upload')
    await writeFile(upload, 'content')
    const unread = {
      name: 'u.txt',
      temporaryPath: upload,
      stream: (): ReadableStream<Uint8Array> => {
        throw new Error('it was read')
      },
    }
    const files = new FileStorage(fileSystem({ root: join(root, 'media') }))
    expect(await files.text(await files.save('u.txt', unread))).toBe('content')
    expect(await readFile(upload, 'utf8')).toBe('content')
  })

  test('what passes through is never held whole', async () => {
    const files = new FileStorage(fileSystem({ root: await freshFolder() }))
    const chunk = new Uint8Array(1024 * 1024)
    let most = 0
    async function* large() {
      for (let i = 0; i < 200; i++) {
        most = Math.max(most, process.memoryUsage().arrayBuffers)
        yield chunk
      }
    }
    const before = process.memoryUsage().arrayBuffers
    await files.save('large.bin', large())
    expect(await files.size('large.bin')).toBe(200 * 1024 * 1024)
    expect(most - before).toBeLessThan(16 * 1024 * 1024)
    const reader = (await files.open('large.bin')).getReader()
    expect((await reader.read()).value!.length).toBeLessThanOrEqual(256 * 1024)
    await reader.cancel()
  })

  test('SEC-11 symbolic links that lead out are not followed: reading, writing, listing', async () => {
    const outside = await freshFolder()
    await writeFile(join(outside, 'secret.txt'), 'secret')
    await mkdir(join(outside, 'folder'))
    const root = await freshFolder()
    await symlink(outside, join(root, 'out'))
    await symlink(join(outside, 'secret.txt'), join(root, 'file.txt'))
    await mkdir(join(root, 'in'))
    await symlink(join(root, 'in'), join(root, 'inner'))
    const files = new FileStorage(fileSystem({ root }))
    const refused = { code: 'storage.unsafe-name', attack: 'symlink' }
    for (const call of [
      () => files.open('out/secret.txt'),
      () => files.open('file.txt'),
      () => files.exists('out/secret.txt'),
      () => files.save('out/new.txt', 'x'),
      () => files.save('out/a/b/new.txt', 'x'),
      () => files.save('out/secret.txt', 'x', { allowOverwrite: true }),
      () => files.delete('out/secret.txt'),
      () => files.list('out'),
    ])
      await expect(call()).rejects.toMatchObject(refused)
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret')
    expect(await readdir(outside)).toEqual(['folder', 'secret.txt'])
    // Overwriting a link replaces the link; deleting it deletes the link.
    await files.save('inner/x.txt', 'x')
    expect(await files.text('in/x.txt')).toBe('x')
    expect(await files.list()).toEqual({ folders: ['in', 'inner'], files: [] })
    await files.delete('file.txt')
    await access(join(outside, 'secret.txt'))
  })

  test('a folder in the way is told, and nothing stays behind', async () => {
    const root = await freshFolder()
    const files = new FileStorage(fileSystem({ root }))
    await files.save('a', 'a file')
    await expect(files.save('a/b.txt', 'x')).rejects.toMatchObject({ code: 'storage.write-failed' })
    await mkdir(join(root, 'folder'))
    await expect(files.save('folder', 'x', { allowOverwrite: true })).rejects.toMatchObject({
      code: 'storage.write-failed',
    })
    expect(await readdir(root)).toEqual(['a', 'folder'])
    const nowhere = new FileStorage(fileSystem({ root: join(root, 'a') }))
    await expect(nowhere.save('x', 'x')).rejects.toMatchObject({ code: 'storage.write-failed' })
  })

  test('addresses: every part escaped', () => {
    const files = new FileStorage(fileSystem({ root: '/nowhere', url: '/media/' }))
    expect(files.url('covers/a b#1?.png')).toBe('/media/covers/a%20b%231%3F.png')
    expect(files.url('%2e%2e%2fx')).toBe('/media/%252e%252e%252fx')
    const hidden = new FileStorage(fileSystem({ root: '/nowhere' }))
    expect(() => hidden.url('a.png')).toThrow(expect.objectContaining({ code: 'storage.no-url' }))
  })
})

describe('FORM-23 storages by alias', () => {
  test('by URL, by backend, with options', async () => {
    const root = await freshFolder()
    configureStorages(
      { default: 'file:./media?url=/media/', memory: 'memory:?url=/m/&allowOverwrite=true', own: inMemory() },
      { root },
    )
    await storage().save('a.txt', '1')
    expect(await readFile(join(root, 'media/a.txt'), 'utf8')).toBe('1')
    expect([storage().url('a.txt'), storage('memory').url('a.txt')]).toEqual(['/media/a.txt', '/m/a.txt'])
    expect([await storage('memory').save('a', '1'), await storage('memory').save('a', '2')]).toEqual(['a', 'a'])
    expect(await storage('own').save('a', '1')).toBe('a')
  })

  test('mistakes are told with the alias', () => {
    configureStorages({ default: inMemory() })
    expect(() => storage('defualt')).toThrow(
      expect.objectContaining({
        code: 'storage.unknown-alias',
        hint: expect.stringContaining('Did you mean "default"?'),
      }),
    )
    for (const url of ['media', 's3:bucket', 'file:', 'file:./x?url=media', 'file:./x?colour=red', 'file://host/x'])
      expect(() => configureStorages({ default: url })).toThrow(expect.objectContaining({ code: 'storage.bad-url' }))
    const half = { read: () => null } as never // not by its type
    expect(() => configureStorages({ default: half })).toThrow(
      expect.objectContaining({ code: 'storage.bad-backend', message: expect.stringContaining('write(), stat()') }),
    )
  })
})

describe('SEC-11 names of what visitors send', () => {
  test.each([
    ["john's portrait in 2004.jpg", 'johns_portrait_in_2004.jpg'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['%2e%2e%2fx', '2e2e2fx'],
    ['a\0b<script>.png', 'abscript.png'],
    ['Übersicht été 日本.pdf', 'Übersicht_été_日本.pdf'],
    ['cafe\u0301.png', 'café.png'],
    ['nul.png', '_nul.png'],
    ['.htaccess', '_.htaccess'],
    ['.user.ini', '_.user.ini'],
    ['.png', '_.png'],
    ['<.htaccess', '_.htaccess'],
    [`${'x'.repeat(300)}.tar.gz`, `${'x'.repeat(248)}.tar.gz`],
  ])('%j is stored as %j', (name, clean) => {
    expect(cleanName(name)).toBe(clean)
  })

  test('SEC-10 a name of a megabyte takes no longer than a short one', () => {
    // Made anew for each character that goes, it would outlast the test's limit of time.
    expect(cleanName(`${'ü'.repeat(1_000_000)}.png`)).toBe(`${'ü'.repeat(125)}.png`)
    expect(() => cleanName(`a.${'b'.repeat(1_000_000)}`)).toThrow(
      expect.objectContaining({ code: 'storage.name-too-long' }),
    )
  })

  test.each(['', '   ', '..', '.', '???', '/'])('nothing is left of %j', (name) => {
    expect(() => cleanName(name)).toThrow(expect.objectContaining({ code: 'storage.unsafe-name' }))
  })
})

test('FORM-23 content without a name needs one', () => {
  expect(() => newFile('text')).toThrow(expect.objectContaining({ code: 'storage.no-name' }))
  expect(() => newFile(3 as never, 'x')).toThrow(expect.objectContaining({ code: 'storage.bad-content' }))
})

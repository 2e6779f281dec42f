/**
 * What every backend of files owes: one suite, run against each of them.
 *
 *     describeStorageBackend('a folder', async () => fileSystem({ root: await freshFolder() }))
 */
import { FileStorage, type StorageBackend, type StorageError } from 'nuages/storage'
import { beforeEach, describe, expect, test } from 'vitest'

/** Runs the suite. `make` gives a new, empty backend each time. */
export function describeStorageBackend(title: string, make: () => Promise<StorageBackend>): void {
  describe(`FORM-23 ${title}`, () => {
    let files: FileStorage
    beforeEach(async () => {
      files = new FileStorage(await make())
    })
    const bytesOf = async (stream: ReadableStream<Uint8Array>) => Buffer.concat(await Array.fromAsync(stream))
    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => null,
        (error: StorageError) => error.code,
      )

    test('keeps a file under its name, and gives it back', async () => {
      expect(await files.save('reports/2026/a.txt', 'été')).toBe('reports/2026/a.txt')
      expect(await files.text('reports/2026/a.txt')).toBe('été')
      expect(await files.size('reports/2026/a.txt')).toBe(5)
      expect(await files.exists('reports/2026/a.txt')).toBe(true)
      expect(await files.exists('reports/2026')).toBe(false)
      expect(await files.exists('reports/2026/b.txt')).toBe(false)
    })

    test('keeps bytes, uploads, streams and nothing at all as they are', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
      async function* parts() {
        for (let at = 0; at < bytes.length; at += 70_000) yield bytes.slice(at, at + 70_000)
      }
      for (const content of [bytes, new File([bytes], 'x.bin'), parts(), bytes.buffer])
        expect(Buffer.from(await files.bytes(await files.save('x.bin', content))).equals(bytes)).toBe(true)
      expect(await files.size(await files.save('empty', ''))).toBe(0)
      expect((await files.bytes('empty')).length).toBe(0)
    })

    test('a name that is taken gets a few letters more; the first file stays', async () => {
      const first = await files.save('a/b.tar.gz', '1')
      const second = await files.save('a/b.tar.gz', '2')
      expect(first).toBe('a/b.tar.gz')
      expect(second).toMatch(/^a\/b_[A-Za-z0-9]{7}\.tar\.gz$/)
      expect([await files.text(first), await files.text(second)]).toEqual(['1', '2'])
    })

    test('of many writers of one name each gets a name of its own', async () => {
      const names = await Promise.all(Array.from({ length: 20 }, (_, i) => files.save('same.txt', `content ${i}`)))
      expect(new Set(names).size).toBe(20)
      const contents = await Promise.all(names.map((name) => files.text(name)))
      expect(contents).toEqual(names.map((_, i) => `content ${i}`))
    })

    test('allowOverwrite replaces', async () => {
      await files.save('a.txt', 'a longer content')
      expect(await files.save('a.txt', 'new', { allowOverwrite: true })).toBe('a.txt')
      expect(await files.text('a.txt')).toBe('new')
      expect((await files.list()).files).toEqual(['a.txt'])
    })

    test('gives parts: from a byte, so many bytes', async () => {
      await files.save('n.txt', '0123456789')
      const part = async (range: object) => (await bytesOf(await files.open('n.txt', range))).toString()
      expect(await part({ start: 3 })).toBe('3456789')
      expect(await part({ start: 3, length: 2 })).toBe('34')
      expect(await part({ length: 4 })).toBe('0123')
      expect(await part({ start: 8, length: 100 })).toBe('89')
      expect(await part({ start: 100 })).toBe('')
      expect(await part({ length: 0 })).toBe('')
      expect(await codeOf(files.open('n.txt', { start: -1 }))).toBe('storage.bad-range')
    })

    test('a stream that is left early costs nothing', async () => {
      await files.save('big.bin', new Uint8Array(1_000_000))
      for (let i = 0; i < 20; i++) await (await files.open('big.bin')).cancel()
      expect(await files.size('big.bin')).toBe(1_000_000)
    })

    test('content that fails on its way leaves nothing behind', async () => {
      async function* broken() {
        yield new Uint8Array(100_000)
        throw new Error('the line went dead')
      }
      await expect(files.save('half/x.bin', broken())).rejects.toThrow('the line went dead')
      expect(await files.exists('half/x.bin')).toBe(false)
      expect((await files.list('half')).files).toEqual([])
    })

    test('deletes, and says nothing where there is nothing', async () => {
      await files.save('a.txt', '1')
      await files.delete('a.txt')
      await files.delete('a.txt')
      await files.delete('no/such/folder.txt')
      expect(await files.exists('a.txt')).toBe(false)
    })

    test('lists folders and files, each once', async () => {
      for (const name of ['b.txt', 'a.txt', 'x/1.txt', 'x/2.txt', 'x/y/3.txt']) await files.save(name, '')
      expect(await files.list()).toEqual({ folders: ['x'], files: ['a.txt', 'b.txt'] })
      expect(await files.list('x/')).toEqual({ folders: ['y'], files: ['1.txt', '2.txt'] })
      expect(await files.list('nothing')).toEqual({ folders: [], files: [] })
    })

    test('knows when a file was made and changed', async () => {
      const before = Date.now() - 2000 // file systems keep times coarsely
      await files.save('a.txt', '1')
      for (const time of [await files.createdAt('a.txt'), await files.modifiedAt('a.txt')])
        expect(time.getTime()).toBeGreaterThan(before)
      expect((await files.modifiedAt('a.txt')).getTime()).toBeLessThan(Date.now() + 2000)
    })

    test('what is not there is told by name', async () => {
      for (const ask of [
        files.open('no.txt'),
        files.size('no.txt'),
        files.modifiedAt('no.txt'),
        files.createdAt('no.txt'),
      ])
        await expect(ask).rejects.toMatchObject({ code: 'storage.not-found', status: 404, message: /"no.txt"/ })
      expect(await files.stat('no.txt')).toBeNull()
    })

    test('a name is cut to the length of its column, also when it is taken', async () => {
      const long = `covers/${'x'.repeat(200)}.png`
      const [first, second] = [
        await files.save(long, '1', { maxLength: 100 }),
        await files.save(long, '2', { maxLength: 100 }),
      ]
      for (const name of [first, second]) expect(name).toMatch(/^covers\/x+(_\w{7})?\.png$/)
      expect([first.length, second.length]).toEqual([100, 100])
      expect(first).not.toBe(second)
      expect(await codeOf(files.save(`${'f'.repeat(99)}/a.png`, '', { maxLength: 100 }))).toBe('storage.name-too-long')
    })

    const hostile: readonly (readonly [string, string])[] = [
      ['', 'empty'],
      ['a//b', 'empty'],
      ['a/', 'empty'],
      ['.', 'traversal'],
      ['..', 'traversal'],
      ['../x', 'traversal'],
      ['a/../../x', 'traversal'],
      ['a/.. /x', 'traversal'],
      ['/etc/passwd', 'absolute'],
      ['//host/share', 'absolute'],
      ['C:/x', 'absolute'],
      ['c:x', 'absolute'],
      ['..\\x', 'backslash'],
      ['a\\..\\..\\x', 'backslash'],
      ['a\0.png', 'nul'],
      ['a\r\nSet-Cookie: x', 'control'],
      ['a\u2028b', 'control'],
      ['\ud800', 'control'],
      ['CON', 'device'],
      ['a/nul.png', 'device'],
      ['COM1', 'device'],
      ['lpt9.txt', 'device'],
      ['x'.repeat(256), 'too-long'],
      ['é'.repeat(128), 'too-long'],
      [Array.from({ length: 600 }, () => 'ab').join('/'), 'too-long'],
    ]
    const titled = hostile.map(([name, attack]) => [JSON.stringify(name).slice(0, 30), attack, name] as const)
    test.each(titled)('SEC-11 no method takes the name %s (%s)', async (_, attack, name) => {
      const calls = [
        () => files.save(name, 'x'),
        () => files.open(name),
        () => files.exists(name),
        () => files.size(name),
        () => files.delete(name),
        async () => files.url(name),
      ]
      for (const call of calls)
        await expect(call()).rejects.toMatchObject({ code: 'storage.unsafe-name', attack, status: 400 })
      if (name !== '' && !name.endsWith('/'))
        await expect(files.list(name)).rejects.toMatchObject({ code: 'storage.unsafe-name', attack })
    })

    test('SEC-11 what only looks encoded is a name like another', async () => {
      for (const name of ['%2e%2e%2fx', 'a%00b', 'été/日本.png', "it's #1?.png", '..a', 'a..', '-rf', 'console.png']) {
        expect(await files.save(name, name)).toBe(name)
        expect(await files.text(name)).toBe(name)
      }
    })
  })
}

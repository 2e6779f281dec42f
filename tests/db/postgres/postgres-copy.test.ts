/** copyIn() and copyOut(): PostgreSQL and PGlite. */
import { setTimeout as sleep } from 'node:timers/promises'
import { abortable, atomic, sql } from 'nuages/db'
import { copyIn, copyOut } from 'nuages/db/postgres'
import { describe, expect, test } from 'vitest'
import { closeDatabases, configureDatabases, database } from '../../../src/db/internal.ts'
import { Room } from './models.ts'
import { fresh, freshDiary } from './setup.ts'

freshDiary()

const names = async () => Room.objects.orderBy('pk').valuesList('name', { flat: true })
const IN = sql`copy diary_room (name) from stdin`
const OUT = sql`copy (select name from diary_room order by id) to stdout (format csv)`
async function read(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const piece of pieces) parts.push(piece)
  return Buffer.concat(parts).toString()
}

describe('MDB-05 copyIn()', () => {
  test('stores what a stream gives, however it is cut', async () => {
    expect(await copyIn(IN, ['a\nb', '\tc'.slice(1), Buffer.from('\n'), 'ä€😀\n'])).toBe(3)
    expect(await names()).toEqual(['a', 'bc', 'ä€😀'])
    expect(await copyIn(sql`copy diary_room (name) from stdin (format csv, header)`, ['name\n"x,""y"\n'])).toBe(1)
    expect(await copyIn(IN, [])).toBe(0)
    expect((await names()).at(-1)).toBe('x,"y')
    expect(await Room.objects.create({ name: 'next' })).toMatchObject({ name: 'next' })
  })

  test('a source that fails, early or late, leaves nothing behind and the connection as it was', async () => {
    for (const good of [0, 1, 50_000]) {
      const wrong = new Error('the file ended')
      async function* source() {
        for (let i = 0; i < good; i++) yield `row ${i}\n`
        throw wrong
      }
      await expect(copyIn(IN, source())).rejects.toBe(wrong)
      expect(await names()).toEqual([])
    }
    await atomic(async () => {
      await Room.objects.create({ name: 'kept' })
      const failing = (async function* () {
        yield 'lost\n'
        throw new Error('no')
      })()
      await expect(copyIn(IN, failing)).rejects.toThrow('no')
      await Room.objects.create({ name: 'after' })
    })
    expect(await names()).toEqual(['kept', 'after'])
  })

  test('a row that is refused is told, and the source is not read on', async () => {
    let closed = false
    async function* source() {
      try {
        for (let i = 0; i < 1_000_000; i++) {
          yield i === 5 ? `${'x'.repeat(51)}\n` : `row ${i}\n`
          if (i % 100 === 0) await sleep(0)
        }
      } finally {
        closed = true
      }
    }
    const engine = process.env.TEST_ENGINE
    if (engine !== 'pglite') {
      await expect(copyIn(IN, source())).rejects.toMatchObject({ code: 'db.invalid-value' })
      await expect.poll(() => closed).toBe(true)
    } else await expect(copyIn(IN, [`${'x'.repeat(51)}\n`])).rejects.toMatchObject({ code: 'db.invalid-value' })
    expect(await names()).toEqual([])
  })

  test('a signal ends it, and its block', async () => {
    const controller = new AbortController()
    async function* source() {
      for (let i = 0; ; i++) {
        if (i === 100) controller.abort()
        yield `row ${i}\n`
        await sleep(0)
      }
    }
    await expect(abortable(controller.signal, () => copyIn(IN, source()))).rejects.toMatchObject({ code: 'db.aborted' })
    expect(await names()).toEqual([])
  })
})

describe('MDB-05 copyOut()', () => {
  test('gives what the table has; inside a block also what is not committed', async () => {
    await Room.objects.bulkCreate([{ name: 'a' }, { name: 'b,"c"' }])
    expect(await read(copyOut(OUT))).toBe('a\n"b,""c"""\n')
    await atomic(async () => {
      await Room.objects.create({ name: 'new' })
      expect(await read(copyOut(OUT))).toBe('a\n"b,""c"""\nnew\n')
      expect(await Room.objects.count()).toBe(3)
    })
    await read(copyOut(sql`copy (insert into diary_room (name) values ('returned') returning id) to stdout`))
    expect((await names()).at(-1)).toBe('returned')
  })

  test('a slow reader holds the server up, and memory stays', async () => {
    await database().exec("insert into diary_room (name) select repeat('x', 50) from generate_series(1, 200000)")
    let bytes = 0
    let pieces = 0
    for await (const piece of copyOut(OUT)) {
      bytes += piece.length
      if (pieces++ < 5) await sleep(20)
      if (process.env.TEST_ENGINE !== 'pglite') expect(piece.length).toBeLessThan(4_000_000)
    }
    expect(bytes).toBe(200_000 * 51)
  })

  test('a loop left early, and one that is stopped, leave the connection clean', async () => {
    await closeDatabases()
    const config = fresh()
    const one = process.env.TEST_ENGINE === 'pglite' ? {} : { poolSize: 1 }
    configureDatabases({ default: { ...config, options: { ...config.options, ...one } } })
    const many =
      process.env.TEST_ENGINE === 'pglite' // which writes all of it before it is read
        ? sql`copy (select repeat('x', 100) from generate_series(1, 3000)) to stdout`
        : sql`copy (select repeat('x', 100) from generate_series(1, 300000)) to stdout`
    for (let i = 0; i < 3; i++) {
      for await (const piece of copyOut(many)) if (piece.length > 0) break
      expect(await sql`select 1`).toEqual([[1]])
      const controller = new AbortController()
      const loop = abortable(controller.signal, async () => {
        for await (const piece of copyOut(many)) if (piece.length > 0) controller.abort()
      })
      await expect(loop).rejects.toMatchObject({ code: 'db.aborted' })
      await atomic(async () => {
        for await (const piece of copyOut(many)) if (piece.length > 0) break
        expect(await sql`select 2`).toEqual([[2]])
      })
    }
    await expect(read(copyOut(sql`copy nowhere to stdout`))).rejects.toMatchObject({ code: 'db.no-such-table' })
    expect(await sql`select 3`).toEqual([[3]])
  })

  test('what is no COPY of that direction is refused', async () => {
    for (const wrong of [
      sql`select 1`,
      OUT,
      sql`copy diary_room from stdin where id > ${1}`,
      'copy x from stdin' as never,
    ])
      expect(() => copyIn(wrong, [])).toThrow(expect.objectContaining({ code: 'db.not-sql' }))
    for (const wrong of [sql`select 1`, IN, 'copy x to stdout' as never])
      await expect(read(copyOut(wrong))).rejects.toMatchObject({ code: 'db.not-sql' })
    expect(await names()).toEqual([])
  })
})

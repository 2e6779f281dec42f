/** abortable() on files of SQLite: waiting for the writer. */
import { abortable, atomic } from 'nuages/db'
import { expect, test } from 'vitest'
import { add, addMany, freshDatabase, names } from '../transactions/databases.ts'

for (const memory of [false, true]) {
  test(`waiting for the writer ends at once (${memory ? 'memory' : 'file'})`, async () => {
    await freshDatabase({ memory })
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const holding = atomic(() => {
      begun.resolve()
      return gate.promise
    })
    await begun.promise
    const controller = new AbortController()
    const waiting = abortable(controller.signal, () => add('statement'))
    const block = abortable(controller.signal, () => atomic(() => add('block')))
    for (const each of [waiting, block]) each.catch(() => undefined)
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toMatchObject({ code: 'db.aborted', cause: new Error('enough') })
    await expect(block).rejects.toMatchObject({ code: 'db.aborted' })
    gate.resolve()
    await holding
    await add('after')
    expect(await names()).toEqual(['after'])
  })

  test(`a bulk insert stops between two parts, and leaves nothing (${memory ? 'memory' : 'file'})`, async () => {
    await freshDatabase({ memory })
    const controller = new AbortController()
    const inserting = abortable(controller.signal, () => addMany('x', 100_000))
    setImmediate(() => controller.abort())
    await expect(inserting).rejects.toMatchObject({ code: 'db.aborted' })
    expect(await names()).toEqual([])
    await add('after')
    expect(await names()).toEqual(['after'])
  })
}

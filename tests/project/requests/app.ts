/** An app whose views write, fail and wait. */
import { defineApp } from 'nuages'
import { atomic, char, connection, Model, onCommit, sql, using } from 'nuages/db'
import { respond } from 'nuages/http'
import { nonAtomicRequests } from 'nuages/middleware'
import { guards, routes } from 'nuages/urls'

export class Note extends Model<Note>()({ text: char({ maxLength: 50 }) }) {}

export const urls = routes({
  write: 'write/',
  fail: 'fail/',
  status: 'status/',
  free: 'free/',
  both: 'both/',
  counted: 'counted/',
  inside: 'inside/',
})

export const ran: string[] = []
const add = (text: string, alias = 'default') => Note.objects.using(alias).create({ text })

export const views = {
  write: urls.write.view(async () => {
    await add('written')
    onCommit(() => ran.push('committed'))
    return respond('ok')
  }),
  fail: urls.fail.view(async () => {
    await add('lost')
    onCommit(() => ran.push('committed'))
    throw new Error('of the view')
  }),
  status: urls.status.view(async () => {
    await add('kept')
    return respond('not nice', { status: 422 })
  }),
  free: urls.free.view(
    guards(nonAtomicRequests, (request) => request),
    async () => {
      await add('kept')
      throw new Error('of the view')
    },
  ),
  both: urls.both.view(async () => {
    await add('one')
    await add('two', 'second')
    throw new Error('of the view')
  }),
  counted: urls.counted.view(async () => {
    const before = await Note.objects.count()
    await add('new')
    const [after, primary] = [await Note.objects.count(), await using('primary', () => Note.objects.count())]
    return respond(`${before} ${after} ${primary}`)
  }),
  inside: urls.inside.view(async () => {
    await connection().execute(sql`select 1`)
    return respond(await atomic(async () => `${await Note.objects.count()}`))
  }),
}

export const app = defineApp({
  name: 'requests',
  root: import.meta.url,
  models: { Note },
  urls,
  views: async () => views,
})

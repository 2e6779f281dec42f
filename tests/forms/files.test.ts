/** Fields of files in forms, sent through a real server (FORM-20, FORM-23). */
import { charField, fileField, form, formSet, imageField } from 'nuages/forms'
import { createHandler, respond, serveNode } from 'nuages/http'
import { configureStorages, FileStorage, inMemory, newFile, StoredFile, storage } from 'nuages/storage'
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest'
import { toHtml } from '../../src/std/html.ts'
import { png } from '../storage/images.ts'

const upload = form({
  title: charField(),
  paper: fileField({ extensions: ['txt', 'pdf'], maxSize: 300_000 }),
  photo: imageField({ required: false }),
})
beforeEach(() => configureStorages({ default: inMemory({ url: '/media/' }) }))

const photo = (name = 'photo.png') => new File([new Uint8Array(png)], name)
const sent = (values: Record<string, string | Blob>) => {
  const data = new FormData()
  for (const [name, value] of Object.entries(values)) data.set(name, value)
  return data
}
const errorsOf = async (values: Record<string, string | Blob>) => {
  const bound = upload.bind(sent(values))
  await bound.isValid()
  return bound.errors
}

describe('FORM-23 a form with files', () => {
  test('is multipart, and no other is; so are sets of forms', async () => {
    expect(upload.empty().enctype).toBe('multipart/form-data')
    expect(form({ title: charField() }).empty().enctype).toBe('application/x-www-form-urlencoded')
    expect((await formSet(upload).empty()).enctype).toBe('multipart/form-data')
  })

  test('gives uploads that came through a server, from memory and from temporary files, to be stored', async () => {
    const handler = createHandler({
      resolver: {
        match: () => ({
          view: async (request) => {
            const bound = upload.bind(await request.form())
            if (!(await bound.isValid())) return respond(JSON.stringify(bound.errors), { status: 422 })
            const { paper, photo } = bound.values
            expectTypeOf(photo).toBeNullable()
            const names = [await storage().save(`papers/${paper.name}`, paper)]
            if (photo) names.push(await storage().save('photo', photo))
            return respond(names.join(' '))
          },
          params: {},
          name: 'upload',
          pattern: '/',
        }),
        patterns: () => ['/'],
      },
      allowedHosts: ['*'],
    })
    const server = await serveNode(handler, { port: 0 })
    try {
      for (const size of [10, 290_000]) {
        const paper = new File(['x'.repeat(size)], `of ${size}.txt`)
        const answer = await fetch(`http://127.0.0.1:${server.port}/`, {
          method: 'POST',
          body: sent({ title: 'a', paper, photo: photo() }),
        })
        expect(await answer.text()).toMatch(new RegExp(`^papers/of ${size}\\.txt photo`))
        expect(await storage().size(`papers/of ${size}.txt`)).toBe(size)
      }
    } finally {
      await server.close({ timeout: 100 })
    }
  })

  test('what is missing, empty, too large, of another kind', async () => {
    const paper = new File(['x'], 'a.txt')
    expect(await errorsOf({ title: 'a', paper })).toEqual({})
    expect(await errorsOf({ title: 'a', paper, photo: new File([], '') })).toEqual({}) // none was chosen
    expect(await errorsOf({ title: 'a' })).toEqual({ paper: ['This field is required.'] })
    expect(await errorsOf({ title: 'a', paper: new File([], 'a.txt') })).toEqual({ paper: ['The file is empty.'] })
    expect(await errorsOf({ title: 'a', paper: 'a.txt' })).toEqual({ paper: ['This field is required.'] })
    expect(await errorsOf({ title: 'a', paper: new File(['x'.repeat(400_000)], 'a.txt') })).toEqual({
      paper: ['The file has 390.6 kB; at most 293 kB are taken.'],
    })
    expect(await errorsOf({ title: 'a', paper: new File(['x'], 'a.html') })).toEqual({
      paper: ['Files that end in “html” are not taken. Allowed: txt, pdf.'],
    })
    expect(await errorsOf({ title: 'a', paper, photo: new File(['<svg/>'], 'x.png') })).toEqual({
      photo: ['This is no image, or it is damaged.'],
    })
    expect(await errorsOf({ title: 'a', paper, photo: photo('x.svg') })).toMatchObject({ photo: [/svg/] })
  })

  test('with what there is: a link, a box that removes it, and not both', async () => {
    const name = await storage().save('photos/a b.png', 'x')
    const initial = { photo: new StoredFile(name, storage, null), paper: newFile('x', 'unsaved.txt') }
    const html = toHtml(upload.empty({ initial }))
    expect(html).toContain('<p class="file-now" id="id_photo_now"><a href="/media/photos/a%20b.png"')
    expect(html).toContain('<input type="checkbox" name="photo-clear" id="id_photo_clear" value="on">')
    expect(html).not.toContain('unsaved.txt')
    const bind = async (values: Record<string, string | Blob>) => {
      const bound = upload.bind(sent({ title: 'a', paper: new File(['x'], 'a.txt'), ...values }), { initial })
      return { valid: await bound.isValid(), bound }
    }
    const kept = await bind({})
    expect([kept.valid, kept.bound.values.photo]).toEqual([true, initial.photo])
    const cleared = await bind({ 'photo-clear': 'on' })
    expect([cleared.valid, cleared.bound.values.photo]).toEqual([true, null])
    const both = await bind({ 'photo-clear': 'on', photo: photo() })
    expect(both.bound.errors).toEqual({ photo: ['Choose a file, or tick the box that removes it: not both.'] })
    expect(toHtml(both.bound)).toContain('checked')
    const replaced = await bind({ photo: photo('new.png') })
    expect(replaced.bound.values.photo).toMatchObject({ name: 'new.png' })
  })

  test('a storage without addresses shows a name', () => {
    const hidden = new FileStorage(inMemory())
    const html = toHtml(upload.empty({ initial: { photo: new StoredFile('<b>.png', () => hidden, null) } }))
    expect(html).toContain('id="id_photo_now">&lt;b&gt;.png</p>')
  })
})

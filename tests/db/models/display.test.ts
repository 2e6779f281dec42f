import { defineApp } from 'nuages'
import { choice, Model } from 'nuages/db'
import { expect, expectTypeOf, test } from 'vitest'

class Post extends Model<Post>()({
  status: choice({ draft: 'Draft', published: 'Published' }, { default: 'draft' }),
  mood: choice(['glad', 'sad'], { null: true }),
}) {
  getMoodDisplay = () => 'my own'
}
defineApp({ name: 'display', root: import.meta.url, models: { Post } })

test('a choice field has its label for people', () => {
  const post = new Post({ status: 'published' })
  expect(post.getStatusDisplay()).toBe('Published')
  expectTypeOf(post.getStatusDisplay).toEqualTypeOf<() => string>()
  post.status = 'gone' as 'draft'
  expect(post.getStatusDisplay()).toBe('gone')
})

test("the model's own method is left alone", () => {
  expect(new Post({ mood: 'sad' }).getMoodDisplay()).toBe('my own')
})

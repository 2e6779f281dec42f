import { defineApp } from 'nuages'
import { Book, Chapter, Contribution, Tag } from './library.ts'
import { Author, Company, Profile } from './people.ts'

export const library = defineApp({
  name: 'library',
  root: import.meta.url,
  models: { Book, Chapter, Contribution, Tag, Author, Company, Profile },
})
export { Author, Book, Chapter, Company, Contribution, Profile, Tag }

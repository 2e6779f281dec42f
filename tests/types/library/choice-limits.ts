// Limits of choices are conditions, or functions that give them (REL-08).
import { foreignKey, manyToMany, Own } from 'nuages/db'
import { Author } from './author.ts'

foreignKey(Author, { onDelete: 'cascade', limitChoicesTo: { name__startswith: 'A' } })
foreignKey(Author, { onDelete: 'cascade', limitChoicesTo: () => ({ name: 'A' }) })
manyToMany(Author, { limitChoicesTo: Own({ name: 'A' }).or({ name: 'B' }) })
// @ts-expect-error a text is no condition
foreignKey(Author, { onDelete: 'cascade', limitChoicesTo: 'name' })
// @ts-expect-error nor is a function that gives one
manyToMany(Author, { limitChoicesTo: () => 'name' })

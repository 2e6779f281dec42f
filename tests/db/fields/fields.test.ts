import { defineApp } from 'nuages'
import {
  bigInteger,
  boolean,
  char,
  choice,
  Decimal,
  dateTime,
  decimal,
  F,
  foreignKey,
  generated,
  integer,
  json,
  Model,
  ModelError,
  manyToMany,
  reverse,
  slug,
  text,
  url,
  uuid,
} from 'nuages/db'
import { array } from 'nuages/db/postgres'
import { describe, expect, test } from 'vitest'
import { fieldBuilders, SWAPPABLE, sameField } from '../../../src/db/internal.ts'
import { bound } from './place.ts'

class Person extends Model<Person>()({
  name: text(),
  pets: () => reverse(Pet, 'owner'),
}) {}
class Pet extends Model<Pet>()({
  owner: () => foreignKey(Person, { onDelete: 'setNull', null: true, dbColumn: 'human' }),
  friends: () => manyToMany(Pet, { symmetrical: false, dbTable: 'pet_friends' }),
}) {}
defineApp({ name: 'zoo', root: import.meta.url, models: { Person, Pet } })

describe('defaults', () => {
  test('are constants, functions, or implied', () => {
    expect(bound(integer({ default: 3 })).getDefault()).toBe(3)
    expect(bound(integer({ default: () => 4 })).getDefault()).toBe(4)
    expect(bound(integer()).hasDefault).toBe(false)
    expect(bound(bigInteger({ default: 5 })).getDefault()).toBe(5n)
    expect(bound(decimal({ maxDigits: 4, decimalPlaces: 1, default: '0.5' })).getDefault()).toEqual(new Decimal('0.5'))
    expect(bound(uuid({ auto: true })).getDefault()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(bound(uuid({ auto: 4 })).getDefault()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    expect(bound(boolean({ default: false })).getDefault()).toBe(false)
  })
  test('that are objects are copied', () => {
    const field = bound(json<string[]>({ default: [] }))
    expect(field.getDefault()).not.toBe(field.getDefault())
  })
  test('of the database are left to it', () => {
    expect(bound(dateTime({ dbDefault: 'now' }))).toMatchObject({ generated: true, hasDefault: false })
  })
})

describe('instants that fill themselves', () => {
  test('autoNow at every write, autoNowAdd when the row is made and has none', () => {
    const [now, add] = [bound(dateTime({ autoNow: true })), bound(dateTime({ autoNowAdd: true }))]
    const before = new Date(0)
    expect(now.preSave!(before, false)).not.toBe(before)
    expect(add.preSave!(null, true)).toBeInstanceOf(Date)
    expect(add.preSave!(before, true)).toBe(before)
    expect(add.preSave!(null, false)).toBeNull()
    expect(now.editable).toBe(false)
    expect(bound(dateTime()).preSave).toBeNull()
  })
})

describe('columns', () => {
  test('have a type', () => {
    expect(bound(char({ maxLength: 9 })).type).toEqual({ kind: 'char', maxLength: 9 })
    expect(bound(decimal({ maxDigits: 9, decimalPlaces: 2 })).type).toEqual({
      kind: 'decimal',
      maxDigits: 9,
      decimalPlaces: 2,
    })
    expect(bound(slug())).toMatchObject({ kind: 'char', type: { kind: 'char', maxLength: 50 }, index: true })
    expect(bound(choice(['a', 'b'])).type).toEqual({ kind: 'char', maxLength: 50 })
    expect(bound(choice({ a: 'A' }, { maxLength: 10 })).type).toEqual({ kind: 'char', maxLength: 10 })
  })
  test('have labels', () => {
    expect(bound(choice(['in_print', 'gone'])).choices).toEqual([
      { value: 'in_print', label: 'in print' },
      { value: 'gone', label: 'gone' },
    ])
    expect(bound(text({ verboseName: 'The text' })).verboseName).toBe('The text')
    expect(Pet.meta.fields.get('owner')!.verboseName).toBe('owner')
  })
})

describe('deconstruct', () => {
  test('gives back what a table depends on, and nothing else', () => {
    const told = (declaration: unknown) => bound(declaration).deconstruct()
    expect(told(char({ maxLength: 9, helpText: 'x', verboseName: 'y', blank: true }))).toEqual({
      builder: 'char',
      args: [{ maxLength: 9 }],
    })
    expect(told(text())).toEqual({ builder: 'text', args: [] })
    expect(told(slug())).toEqual({ builder: 'slug', args: [] })
    expect(told(slug({ index: false, maxLength: 80 }))).toEqual({
      builder: 'slug',
      args: [{ maxLength: 80, index: false }],
    })
    expect(told(url({ null: true, unique: false }))).toEqual({ builder: 'url', args: [{ null: true }] })
    expect(told(boolean({ default: false }))).toEqual({ builder: 'boolean', args: [{ default: false }] })
    expect(told(choice({ a: 'A', b: 'B' }, { default: 'a' }))).toEqual({
      builder: 'char',
      args: [{ maxLength: 50, default: 'a' }],
    })
    expect(told(dateTime({ autoNow: true }))).toEqual({ builder: 'dateTime', args: [{ autoNow: true }] })
  })
  test('names targets by label', () => {
    const { fields } = Pet.meta
    expect(fields.get('owner')!.deconstruct()).toEqual({
      builder: 'foreignKey',
      args: ['zoo.Person', { onDelete: 'setNull', null: true, dbColumn: 'human' }],
    })
    expect(fields.get('friends')!.deconstruct()).toEqual({
      builder: 'manyToMany',
      args: ['zoo.Pet', { dbTable: 'pet_friends' }],
    })
    expect(Person.meta.fields.get('pets')!.deconstruct()).toBeNull()
    expect(Person.meta.fields.get('id')!.deconstruct()).toEqual({ builder: 'autoId', args: [] })
  })
  test('marks a class that the project may replace', () => {
    Object.defineProperty(Person, SWAPPABLE, { value: 'auth.User', configurable: true })
    expect(Pet.meta.fields.get('owner')!.deconstruct()!.args[0]).toEqual({ swappable: 'auth.User' })
    delete (Person as { [SWAPPABLE]?: string })[SWAPPABLE]
  })
  test('builds the same field again', () => {
    for (const declaration of [
      char({ maxLength: 9, null: true }),
      slug(),
      choice(['x']),
      json({ default: [1] }),
      uuid({ auto: true }),
    ]) {
      const field = bound(declaration)
      const { builder, args } = field.deconstruct()!
      const again = bound(fieldBuilders[builder]!(...args))
      expect(sameField(field, again)).toBe(true)
      expect(again.type).toEqual(field.type)
      expect(again.column).toBe(field.column)
    }
  })
})

test('sameField ignores what no table depends on', () => {
  expect(sameField(bound(choice({ a: 'A' })), bound(choice({ a: 'A', b: 'B' })))).toBe(true)
  expect(sameField(bound(integer({ default: () => 1 })), bound(integer({ default: () => 2 })))).toBe(true)
  expect(sameField(bound(integer({ default: 1 })), bound(integer({ default: 2 })))).toBe(false)
  expect(sameField(bound(integer()), bound(integer({ null: true })))).toBe(false)
})

describe('options that no compiler saw', () => {
  const of = (options: object): never => options as never // what JavaScript may pass
  test('are refused where the field is declared, with the one that may have been meant', () => {
    const say = (declared: () => unknown) => {
      try {
        declared()
      } catch (error) {
        return error instanceof ModelError ? `${error.code}: ${error.message}` : error
      }
      return 'taken'
    }
    expect(say(() => char(of({ maxLength: 10, dbIndex: true })))).toBe(
      'db.bad-field-option: dbIndex is no option of char(), did you mean index?',
    )
    expect(say(() => text(of({ maxlength: 10 })))).toMatch(
      /maxlength is no option of text\(\), did you mean maxLength\?$/,
    )
    expect(say(() => integer(of({ maxLength: 10 })))).toMatch(/maxLength is no option of integer\(\)$/)
    expect(say(() => boolean(of({ constructor: true })))).toMatch(/constructor is no option of boolean\(\)$/)
    expect(say(() => foreignKey(Person, of({ onDelete: 'cascade', relatedName: 'pets' })))).toMatch(
      /relatedName is no option of foreignKey\(\)$/,
    )
    expect(
      say(() => foreignKey(Person, of({ onDelete: 'cascade', secret: true, primaryKey: true, comment: 'x' }))),
    ).toBe('taken')
    expect(say(() => manyToMany(Person, of({ throughField: [] })))).toMatch(/did you mean throughFields\?$/)
    expect(say(() => array(text(), of({ baseField: 1 })))).toMatch(/baseField is no option of array\(\)$/)
    expect(say(() => generated(F('a'), of({ output: text(), persist: true })))).toMatch(
      /persist is no option of generated\(\)$/,
    )
  })
})

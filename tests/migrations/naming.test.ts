// MIG-03: how files are called after what is in them. Topics of django/tests/migrations/test_autodetector.py.
import { describe, expect, test } from 'vitest'
import {
  addConstraint,
  createModel,
  deleteModel,
  type Operation,
  removeConstraint,
  runSql,
  unique,
} from '../../src/db/migrations/index.ts'
import { nextNumber, suggestName } from '../../src/db/migrations/naming.ts'
import { f } from './states.ts'

describe('names', () => {
  const empty = { id: f.autoId() }
  const person = createModel('Person', empty)
  test.each<[topic: string, operations: Operation[], initial: boolean, expected: string]>([
    ['test_single_operation', [person], false, 'person'],
    ['test_single_operation: a deletion', [deleteModel('Person')], false, 'delete_person'],
    ['test_two_create_models', [person, createModel('Animal', empty)], false, 'person_animal'],
    ['test_two_create_models_with_initial_true', [person, createModel('Animal', empty)], true, 'initial'],
    ['test_none_name', [runSql('select 1')], false, 'custom'],
    ['test_none_name_with_initial_true', [runSql('select 1')], true, 'initial'],
    ['test_auto, test_no_operations', [], false, 'custom'],
    ['test_no_operations_initial', [], true, 'initial'],
    ['test_single_operation_long_name: is cut', [createModel(`A${'a'.repeat(60)}`, empty)], false, 'a'.repeat(52)],
    ['test_two_operations', [person, deleteModel('Animal')], false, 'person_delete_animal'],
    [
      'test_many_operations_suffix',
      [
        ...['Person1', 'Person2', 'Person3'].map((name) => createModel(name, empty)),
        deleteModel('Person4'),
        deleteModel('Person5'),
      ],
      false,
      'person1_person2_person3_delete_person4_and_more',
    ],
    ['test_operation_with_no_suggested_name: the others name it', [person, runSql('select 1')], false, 'person'],
    [
      'test_operation_with_invalid_chars_in_suggested_name',
      [addConstraint('Person', unique(['id'], { name: 'person.name-*~unique!' }))],
      false,
      'person_person_name_unique',
    ],
    ['a constraint', [removeConstraint('Person', 'one')], false, 'remove_person_one'],
  ])('MIG-03 %s', (_, operations, initial, expected) => {
    expect(suggestName(operations, initial)).toBe(expected)
  })
})

test.each([
  ['no_number', '0001'],
  ['0001_initial', '0002'],
  ['0002_model3', '0003'],
  ['0002_auto_20380101_1112', '0003'],
  ['0002_squashed_0003', '0004'],
  ['0002_model2_squashed_0003_other4', '0004'],
  ['0002_squashed_0003_squashed_0004', '0005'],
  ['0002_model2_squashed_0003_other4_squashed_0005_other6', '0006'],
  ['0002_custom_name_20380101_1112_squashed_0003_model', '0004'],
  ['2_squashed_4', '0005'],
])('MIG-03 test_parse_number: what comes after %s is number %s', (name, number) => {
  expect(nextNumber([name])).toBe(number)
})

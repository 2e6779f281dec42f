// MIG-03: how files are called after what is in them. Topics of django/tests/migrations/test_autodetector.py.
import { describe, expect, test } from 'vitest'
import { createModel, deleteModel, type Operation, removeConstraint, runSql } from '../../src/db/migrations/index.ts'
import { suggestName } from '../../src/db/migrations/naming.ts'
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
    ['test_auto', [], false, 'custom'],
    ['a constraint', [removeConstraint('Person', 'one')], false, 'remove_person_one'],
  ])('MIG-03 %s', (_, operations, initial, expected) => {
    expect(suggestName(operations, initial)).toBe(expected)
  })
})

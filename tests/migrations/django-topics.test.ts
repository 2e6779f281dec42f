// Topics of Django's own tests of migrations (django/tests/migrations/test_*.py), by their names. Each is named by a test of
// this folder, or stands here with the reason why it is no topic of ours.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const MTI = 'models inherit by abstract bases and proxies: there is no multi-table inheritance'
const PROXY = 'a proxy has no table: nothing of it is in a state'
const TOGETHER = 'unique_together and index_together are constraints and indexes here'
const MANAGERS = 'managers are code: a state has none'
const CODE_VALUE = 'a value computed in code belongs to the model and is not recorded'
const PYTHON = "a value of Python's own"
const RELOAD = 'states are never changed: there is nothing to reload'
const MODULES = 'a matter of Python packages: a migration is a file in a folder'
const LABELS = 'model names are classes: their case counts'

type Topics = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Why not, by file and name. */
const NOT_APPLICABLE: Topics = {
  autodetector: {
    test_supports_functools_partial: CODE_VALUE,
    test_identical_regex_doesnt_alter: 'validators are no part of a table',
    test_different_regex_does_alter: 'validators are no part of a table',
    test_alter_regex_string_to_compiled_regex: 'validators are no part of a table',
    test_empty_unique_together: TOGETHER,
    test_create_model_and_unique_together: TOGETHER,
    test_unique_together_no_changes: TOGETHER,
    test_unique_together_ordering: TOGETHER,
    test_add_field_and_unique_together: TOGETHER,
    test_partly_alter_unique_together_increase: TOGETHER,
    test_partly_alter_unique_together_decrease: TOGETHER,
    test_rename_field_and_unique_together: TOGETHER,
    test_proxy: PROXY,
    test_proxy_non_model_parent: PROXY,
    test_proxy_custom_pk: PROXY,
    test_proxy_fk_dependency: PROXY,
    test_proxy_to_mti_with_fk_to_proxy: PROXY,
    test_proxy_to_mti_with_fk_to_proxy_proxy: PROXY,
    test_alter_model_options_proxy: PROXY,
    test_swappable_lowercase: LABELS,
    test_swappable_many_to_many_model_case: LABELS,
    test_swappable_circular_multi_mti: MTI,
    test_swappable_first_inheritance: MTI,
    test_custom_deconstructible: CODE_VALUE,
    test_deconstruct_field_kwarg: CODE_VALUE,
    test_deconstruct_type: PYTHON,
    test_deconstructible_list: PYTHON,
    test_deconstructible_tuple: PYTHON,
    test_deconstructible_dict: PYTHON,
    test_nested_deconstructible_objects: PYTHON,
    test_alter_model_managers: MANAGERS,
    test_default_related_name_option: 'the other side of a relation is declared by reverse()',
    test_multiple_bases: MTI,
    test_bases_first: MTI,
    test_bases_first_mixed_case_app_label: MTI,
    test_mti_inheritance_model_removal: MTI,
    test_add_model_with_field_removed_from_base_model: MTI,
    test_renamed_referenced_m2m_model_case: LABELS,
    test_rename_foreign_object_fields: 'ForeignObject: a reference over several columns names fields, see renames',
    test_last_dependency: '`__latest__` is gone from Django, too',
    test_add_custom_fk_with_hardcoded_to: 'a relation names its target by a class or label',
  },
  optimizer: {
    test_create_alter_model_managers: MANAGERS,
    test_create_model_no_reordering_for_unrelated_fk: 'whether order matters is read from what is touched',
    test_create_model_no_reordering_of_inherited_model: MTI,
    test_alter_alter_unique_model: TOGETHER,
    test_alter_alter_index_model: TOGETHER,
    test_create_alter_unique_field: TOGETHER,
    test_create_alter_index_field: TOGETHER,
  },
  graph: {
    test_validate_consistency_dummy: 'a graph is made whole: there are no dummy nodes',
    test_remove_replaced_nodes: 'replacements are resolved before the graph is made: see squashing',
    test_remove_replacement_node: 'replacements are resolved before the graph is made: see squashing',
  },
  loader: {
    test_load_module_file: MODULES,
    test_load_empty_dir: MODULES,
    test_explicit_missing_module: MODULES,
    test_loading_package_without__file__: MODULES,
    test_loading_namespace_package: MODULES,
    test_marked_as_migrated: MODULES,
    test_marked_as_unmigrated: MODULES,
    test_load_unmigrated_dependency: 'an app without migrations waits for nobody',
  },
  state: {
    test_no_duplicate_managers: MANAGERS,
    test_custom_default_manager: MANAGERS,
    test_custom_base_manager: MANAGERS,
    test_manager_refer_correct_model_version: MANAGERS,
    test_custom_manager_swappable: MANAGERS,
    test_apps_bulk_update: RELOAD,
    test_render_model_inheritance: MTI,
    test_render_model_with_multiple_inheritance: MTI,
    test_real_apps: 'every app has its models in migrations',
    test_choices_iterator: CODE_VALUE,
    test_repr: PYTHON,
  },
  writer: {
    test_serialize_functions: CODE_VALUE,
    test_serialize_decorated_functions: CODE_VALUE,
    test_serialize_local_function_reference: CODE_VALUE,
    test_serialize_unbound_method_reference: CODE_VALUE,
    test_serialize_functools_partial: CODE_VALUE,
    test_serialize_lazy_objects: 'labels are no part of a table',
    test_serialize_class_based_validators: 'validators are no part of a table',
    test_serialize_compiled_regex: 'validators are no part of a table',
    test_serialize_choices: 'choices are no part of a table',
    test_serialize_enums: 'an enum is its values',
    test_serialize_enum_flags: PYTHON,
    test_serialize_iterators: PYTHON,
    test_serialize_range: PYTHON,
    test_serialize_builtins: PYTHON,
    test_serialize_builtin_types: PYTHON,
    test_serialize_frozensets: PYTHON,
    test_serialize_set: PYTHON,
    test_serialize_type_none: PYTHON,
    test_serialize_type_model: PYTHON,
    test_serialize_pathlib: PYTHON,
    test_serialize_path_like: PYTHON,
    test_serialize_empty_nonempty_tuple: PYTHON,
    test_serialize_managers: MANAGERS,
    test_serialize_settings: 'a relation to the user model is written by its marker',
    test_models_import_omitted: PYTHON,
    test_migration_path: MODULES,
  },
}

/** Named in a test of this folder. */
const COVERED: Readonly<Record<string, readonly string[]>> = {
  autodetector:
    `test_new_model test_old_model test_add_field test_remove_generated_field_before_its_base_field test_alter_field
    test_alter_field_to_fk_dependency_other_app test_alter_field_to_not_null_with_default
    test_alter_field_to_not_null_with_db_default test_alter_field_to_not_null_without_default
    test_alter_field_to_not_null_oneoff_default test_rename_field test_rename_field_foreign_key_to_field
    test_rename_referenced_primary_key test_rename_field_preserved_db_column test_rename_related_field_preserved_db_column
    test_rename_field_preserve_db_column_preserve_constraint test_rename_field_without_db_column_recreate_constraint
    test_rename_field_with_renamed_model test_rename_model test_rename_model_case test_rename_m2m_through_model
    test_rename_model_with_renamed_rel_field test_fk_dependency test_circular_fk_dependency test_same_app_circular_fk_dependency
    test_alter_db_table_add test_alter_db_table_change test_alter_db_table_remove test_alter_db_table_no_changes
    test_alter_db_table_with_model_change test_alter_db_table_comment_add test_alter_db_table_comment_change
    test_alter_db_table_comment_remove test_alter_db_table_comment_no_changes test_create_model_with_indexes test_add_indexes
    test_remove_indexes test_rename_indexes test_order_fields_indexes test_create_model_with_check_constraint test_add_constraints
    test_remove_constraints test_alter_constraint test_remove_field_and_unique_together test_unmanaged_create test_unmanaged_delete
    test_unmanaged_to_managed test_managed_to_unmanaged test_swappable test_swappable_changed test_add_field_with_default
    test_add_field_before_generated_field test_add_fk_before_generated_field test_replace_string_with_foreignkey
    test_foreign_key_removed_before_target_model test_add_many_to_many test_create_with_through_model
    test_many_to_many_removed_before_through_model test_many_to_many_changed_to_concrete_field
    test_concrete_field_changed_to_many_to_many test_non_circular_foreignkey_dependency_removal test_alter_model_options
    test_set_alter_order_with_respect_to test_add_alter_order_with_respect_to test_remove_alter_order_with_respect_to
    test_pk_fk_included test_add_non_blank_textfield_and_charfield`.split(/\s+/),
  optimizer:
    `test_single test_create_delete_model test_create_rename_model test_rename_model_self test_create_alter_model_options
    test_create_model_and_remove_model_options test_create_alter_index_delete_model test_create_alter_unique_delete_model
    test_create_alter_owrt_delete_model test_alter_alter_table_model test_alter_alter_owrt_model test_optimize_through_create
    test_create_model_add_field test_create_model_reordering test_create_model_reordering_circular_fk
    test_create_model_add_field_not_through_m2m_through test_create_model_alter_field test_create_model_rename_field
    test_create_model_remove_field test_optimize_through_fields test_add_field_rename_field test_alter_field_rename_field
    test_swapping_fields_names test_add_field_alter_field test_add_field_delete_field test_alter_field_delete_field
    test_alter_alter_field test_optimize_elidable_operation test_rename_index test_create_model_add_index
    test_create_model_remove_index test_create_model_rename_index_no_old_fields test_add_remove_index test_add_rename_index
    test_add_remove_constraint test_multiple_alter_constraints test_create_model_add_constraint
    test_create_model_remove_constraint`.split(/\s+/),
  squash:
    `test_squashmigrations_squashes test_ticket_23799_squashmigrations_no_optimize test_squashmigrations_valid_start
    test_squashmigrations_initial_attribute test_squashmigrations_invalid_start test_failure_to_squash_one
    test_squash_name_without_start test_squash_name_exists test_squashmigrations_optimizes test_loading_squashed
    test_apply_all_replaced_marks_replacement_as_applied test_loading_squashed_complex_partially_applied
    test_migrate_backward_to_squashed_migration test_loading_squashed_erroneous
    test_double_replaced_migrations_are_checked_correctly`.split(/\s+/),
}

const tests = readdirSync(import.meta.dirname, { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('django-topics'))
  .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
const named = new Set(tests.flatMap((text) => text.match(/\btest_\w+/g) ?? []))

test.each(Object.entries(COVERED))('MIG topics of Django are covered where they are said to be: %s', (_, names) => {
  expect(names.filter((name) => !named.has(name))).toEqual([])
})

test('MIG a topic is covered or not applicable, not both, and each reason says why', () => {
  for (const topics of Object.values(NOT_APPLICABLE)) {
    for (const [name, reason] of Object.entries(topics)) {
      expect(named.has(name), name).toBe(false)
      expect(reason.length).toBeGreaterThan(10)
    }
  }
})

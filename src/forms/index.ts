export { FormError } from './errors.ts'
export {
  booleanField,
  charField,
  choiceField,
  dateField,
  decimalField,
  emailField,
  type FieldOptions,
  type FormField,
  floatField,
  hiddenField,
  integerField,
  makeField,
  multipleChoiceField,
  type NumberOptions,
  passwordField,
  type TextOptions,
  textField,
  urlField,
} from './fields.ts'
export { clearableFileInput, type FileFieldOptions, fileField, imageField, imageInput } from './files.ts'
export {
  type BindOptions,
  BoundField,
  type FieldMap,
  Form,
  type FormDefinition,
  type FormOptions,
  form,
  type ValuesOf,
} from './form.ts'
export {
  FormSet,
  type FormSetDefinition,
  type FormSetOptions,
  formSet,
  PlainFormSet,
  type PlainSetOptions,
  type SetBindOptions,
} from './form-set.ts'
export { FormSetRow } from './form-set-row.ts'
export {
  dynamicModelForm,
  type ModelBindOptions,
  ModelForm,
  type ModelFormDefinition,
  type ModelFormOptions,
  modelForm,
} from './model-form.ts'
export { ModelFormSet, type RowRights, type SetChanges } from './model-form-set.ts'
export { renderControl, renderErrors, renderField, renderForm } from './render.ts'
export { renderFormSet, renderSetErrors, renderSetRow } from './render-set.ts'
export {
  dynamicInlineFormSet,
  dynamicModelFormSet,
  type FkTo,
  type InlineBind,
  type InlineFormSetDefinition,
  inlineFormSet,
  type ModelFormSetDefinition,
  type ModelFormSetOptions,
  modelFormSet,
  type RowSetBind,
} from './row-sets.ts'
export type { Attributes, Choice, FormInput, Label, WidgetContext } from './types.ts'
export { inputWidget, type Widget } from './widgets.ts'

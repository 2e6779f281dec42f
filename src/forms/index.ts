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
  dynamicModelForm,
  ModelForm,
  type ModelFormDefinition,
  type ModelFormOptions,
  modelForm,
} from './model-form.ts'
export { renderControl, renderErrors, renderField, renderForm } from './render.ts'
export type { Attributes, Choice, FormInput, Label, WidgetContext } from './types.ts'
export { inputWidget, type Widget } from './widgets.ts'

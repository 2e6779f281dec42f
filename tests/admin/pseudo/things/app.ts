import { defineApp } from 'nuages'
import { action, admin, inline } from 'nuages/admin'
import { AbstractUser } from 'nuages/auth'
import {
  boolean,
  Count,
  char,
  choice,
  date,
  dateTime,
  decimal,
  duration,
  email,
  float,
  foreignKey,
  integer,
  json,
  Model,
  manyToMany,
  reverse,
  slug,
  text,
  time,
  url,
  uuid,
} from 'nuages/db'
import { decimalField, form } from 'nuages/forms'

// What a project says itself is not ours to translate: it has a ¤ here, so that the test knows it.
const named = (verboseName: string) => ({ verboseName, verboseNamePlural: `${verboseName}s` })

export class User extends Model<User>()({}, { extends: AbstractUser, ...named('¤user') }) {
  override toString() {
    return '¤somebody'
  }
}

export class Shelf extends Model<Shelf>()(
  {
    name: char({ maxLength: 40, verboseName: '¤name' }),
    things: () => reverse(Thing, 'shelf'),
    labels: () => reverse(Label, 'shelf'),
  },
  named('¤shelf'),
) {
  override toString() {
    return this.name
  }
}

export class Label extends Model<Label>()(
  {
    shelf: () => foreignKey(Shelf, { onDelete: 'cascade', verboseName: '¤shelf' }),
    text: char({ maxLength: 10, verboseName: '¤text' }),
    marks: () => reverse(Mark, 'label'),
  },
  named('¤label'),
) {
  override toString() {
    return this.text
  }
}

export class Mark extends Model<Mark>()(
  {
    label: () => foreignKey(Label, { onDelete: 'cascade', verboseName: '¤label' }),
    colour: char({ maxLength: 10, verboseName: '¤colour' }),
  },
  named('¤mark'),
) {
  override toString() {
    return this.colour
  }
}

export class Thing extends Model<Thing>()(
  {
    name: char({ maxLength: 10, verboseName: '¤name' }),
    slug: slug({ unique: true, verboseName: '¤slug' }),
    state: choice({ one: '¤one', two: '¤two' }, { default: 'one', verboseName: '¤state' }),
    available: boolean({ default: true, verboseName: '¤available' }),
    checked: boolean({ null: true, blank: true, verboseName: '¤checked' }),
    count: integer({ min: 0, max: 9, null: true, blank: true, verboseName: '¤count' }),
    price: decimal({ maxDigits: 6, decimalPlaces: 2, null: true, blank: true, verboseName: '¤price' }),
    weight: float({ null: true, blank: true, verboseName: '¤weight' }),
    on: date({ verboseName: '¤on' }),
    at: dateTime({ null: true, blank: true, verboseName: '¤at' }),
    until: time({ null: true, blank: true, verboseName: '¤until' }),
    lasts: duration({ null: true, blank: true, verboseName: '¤lasts' }),
    mail: email({ blank: true, verboseName: '¤mail' }),
    site: url({ blank: true, verboseName: '¤site' }),
    token: uuid({ null: true, blank: true, verboseName: '¤token' }),
    secret: char({ maxLength: 20, secret: true, blank: true, verboseName: '¤secret' }),
    extra: json({ null: true, blank: true, verboseName: '¤extra' }),
    notes: text({ blank: true, verboseName: '¤notes', helpText: '¤help' }),
    shelf: () => foreignKey(Shelf, { null: true, blank: true, onDelete: 'protect', verboseName: '¤shelf' }),
    shelves: () => manyToMany(Shelf, { blank: true, verboseName: '¤shelves' }),
  },
  { ...named('¤thing'), ordering: ['name'] },
) {
  override toString() {
    return this.name
  }
  absoluteUrl() {
    return '/'
  }
}

const raise = action(Thing, {
  label: '¤raise',
  confirm: '¤raise {n}?',
  form: () => form({ by: decimalField({ label: '¤by', max: 5 }) }),
  run: () => undefined,
})

export const things = defineApp({
  name: 'things',
  verboseName: '¤things',
  root: import.meta.url,
  models: { User, Shelf, Label, Mark, Thing },
  admin: async () => {
    admin.register(Thing, {
      list: ['name', 'state', 'available', 'count', 'on', 'at', 'shelf', 'half'],
      editable: ['state', 'count'],
      filters: ['state', 'available', 'checked', 'count', 'on', 'at', 'shelf', 'shelves'],
      search: ['name'],
      dateHierarchy: 'on',
      columns: { half: { label: '¤half', value: (thing) => (thing.count ?? 0) / 2 } },
      actions: [raise],
      perPage: 20,
    })
    admin.register(Shelf, {
      list: ['name', 'n'],
      columns: { n: { label: '¤n', value: Count('things') } },
      inlines: [inline(Label, { extra: 2, min: 1, max: 3, inlines: [inline(Mark, { layout: 'stacked' })] })],
      saveAsNew: true,
      fieldsets: [{ title: '¤one', description: '¤about', collapsed: true, fields: ['name'] }],
    })
  },
})

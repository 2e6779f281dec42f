import { defineApp } from 'nuages'
import { admin, inline } from 'nuages/admin'
import { char, file, foreignKey, image, integer, Model } from 'nuages/db'

export class Show extends Model<Show>()({
  name: char({ maxLength: 20 }),
  poster: image({ uploadTo: 'posters', blank: true, widthField: 'posterWidth', helpText: 'Shown at the door.' }),
  posterWidth: integer({ null: true, editable: false }),
  contract: file({ uploadTo: 'contracts', extensions: ['pdf', 'txt'], maxSize: 1000 }),
}) {
  override toString() {
    return this.name
  }
}

export class Plan extends Model<Plan>()({
  show: () => foreignKey(Show, { onDelete: 'cascade' }),
  drawing: file({ uploadTo: 'plans' }),
}) {
  override toString() {
    return this.drawing.baseName
  }
}

export const gallery = defineApp({
  name: 'gallery',
  root: import.meta.url,
  models: { Show, Plan },
  admin: async () => {
    admin.register(Show, { list: ['name', 'poster', 'contract'], inlines: [inline(Plan, { extra: 1 })] })
    admin.register(Plan, { list: ['drawing', 'show'] })
  },
})

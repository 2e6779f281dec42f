import { choosable } from '../../db/models/choice-limit.ts'
import type { AnyModel, FieldMeta } from '../../db/models/meta.ts'
import { keyPath, readRelatedKey, relatedKeyText } from '../../forms/internal.ts'
import { json } from '../../http/index.ts'
import { type Access, accessOf, demand, denied, findAdmin } from '../access.ts'
import { fieldsOnPath } from '../changelist/paths.ts'
import { searched } from '../changelist/query.ts'
import { adminView, PRIVATE } from '../frame.ts'
import { staffOnly } from '../guard.ts'
import type { AnyInline } from '../inlines/options.ts'
import { missingPage, nameOf } from '../keys.ts'
import { type ModelAdmin, resolveOptions } from '../model-admin.ts'
import { ownRights } from '../rights.ts'
import { adminOf, projectApps, registrations } from '../site.ts'
import { adminUrls } from '../urls.ts'

/** Rows of one answer. */
const PAGE = 20
/** Nobody scrolls further: whoever wants more writes more letters. */
const LAST_PAGE = 50
/** Keys whose names are asked for at once. */
const MOST_KEYS = 200

/**
 * `?for=library.book.author&q=ada&page=2` → rows that fit, for choosers: `{ rows: [{ key, name }], more }`. With
 * `key=1&key=2`, the names of these rows instead. Only for a relation that a form or a filter offers to this user, and
 * only rows that the user may see: the address is no way to look into other models.
 */
export const choices = adminUrls.choices.view(
  staffOnly,
  adminView(
    async (request, { app, model }) => {
      const admin = findAdmin(app, model)
      const access = await accessOf(request)
      demand(access, 'view', admin.model)
      const source = offering(admin, access, request.query.get('for') ?? '')
      if (admin.search.length === 0) throw missingPage()
      const keys = request.query.getAll('key').slice(0, MOST_KEYS)
      let rows = searched(admin, request, keys.length ? '' : (request.query.get('q') ?? '').trim())
      // Those that the relation holds: the key, or the field that it names.
      const { targets } = source.field.relation!
      const key = keyPath(targets)
      const rights = await ownRights({ request, admin: source.admin, access }, source.field)
      if (rights) rows = rows.dynamic({ [`${key}__in`]: await rights().valuesList(key, { flat: true }) })
      rows = choosable(source.field, rows)
      if (keys.length) rows = rows.dynamic({ [`${key}__in`]: keys.flatMap((text) => cleaned(targets, text)) })
      const asked = Number(request.query.get('page') ?? 1)
      const page = Number.isInteger(asked) && asked >= 1 && asked <= LAST_PAGE ? asked : 1
      const size = keys.length || PAGE
      const found: object[] = await rows
        .dynamicOrderBy(...admin.ordering, ...(admin.ordering.includes(key) ? [] : [key]))
        .slice((page - 1) * size, page * size + 1)
      return json(
        {
          rows: found.slice(0, size).map((row) => ({ key: relatedKeyText(row, targets), name: nameOf(row) })),
          more: found.length > size && page < LAST_PAGE,
        },
        { headers: PRIVATE },
      )
    },
    ['GET', 'HEAD'],
  ),
)

function cleaned(targets: readonly FieldMeta[], text: string): unknown[] {
  try {
    return text.includes('\0') ? [] : [readRelatedKey(text, targets)]
  } catch {
    return []
  }
}

/**
 * The relation that asks: `app.model.field` of a form or an inline, `app.model.path` of a filter.
 * @throws NotFound, PermissionDenied
 */
function offering(target: ModelAdmin, access: Access, text: string): { admin: ModelAdmin; field: FieldMeta } {
  const [app = '', name = '', path = ''] = text.split('.')
  const model = modelNamed(app, name)
  const field = model && fieldsOnPath(model, path)?.at(-1)
  if (!model || !field || field.secret || field.relation?.target !== target.model) throw missingPage()
  const admin = adminOf(model) ?? resolveOptions(model, {})
  const isShown = adminOf(model) !== null
  const writes = access.may('add', model) || access.may('change', model)
  const inForm =
    isShown && (admin.fields.includes(path) || admin.editable.includes(path)) && !admin.readonly.includes(path)
  if ((inForm || inInline(model, path)) && writes) return { admin, field }
  if (isShown && admin.filters.includes(path) && access.may('view', model)) return { admin, field }
  throw inForm || admin.filters.includes(path) ? denied() : missingPage()
}

function modelNamed(app: string, name: string): AnyModel | null {
  for (const each of projectApps())
    if (each.name === app)
      for (const model of Object.values(each.models)) if (model.meta.name.toLowerCase() === name) return model
  return null
}

function inInline(model: AnyModel, field: string): boolean {
  const within = (inlines: readonly AnyInline[]): boolean =>
    inlines.some(
      (each) => (each.model === model && (each.options.fields ?? [field]).includes(field)) || within(each.inlines),
    )
  return registrations().some((admin) => within(admin.inlines))
}

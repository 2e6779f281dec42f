/** "Delete selected": what goes with the rows, what stands in the way, and the permissions of both. */
import { type AnyInstance, collectDeletion } from '../../db/internal.ts'
import type { AnyModel } from '../../db/models/meta.ts'
import { language, t, tn } from '../../i18n/index.ts'
import { type Access, denied } from '../access.ts'
import { judge, type Verdict } from '../deletion.ts'
import type { ModelAdmin } from '../model-admin.ts'
import { adminOf, isFramework } from '../site.ts'
import type { Offered } from './offered.ts'
import { MOST_KEPT, type Selection } from './selection.ts'

/** Its name in the form: no label of a project's action begins like this. */
export const DELETE = '~delete'

/** The built-in action. */
export function deletion(admin: ModelAdmin, access: Access): Offered {
  const write = (count: number) => count.toLocaleString(language())
  return {
    name: DELETE,
    label: t('Delete selected'),
    danger: true,
    asks: true,
    reads: false,
    question: (count) =>
      tn('Delete {n} {name}? This cannot be undone.', 'Delete {n} {names}? This cannot be undone.', count, {
        n: write(count),
        name: admin.model.meta.verboseName,
        names: admin.model.meta.verboseNamePlural,
      }),
    form: null,
    judge: (selection) => judgeSelection(admin, access, selection),
    async run(selection) {
      // Judged again where it is done: what was asked about may have grown.
      const { missing } = await judgeSelection(admin, access, selection)
      if (missing.length > 0) throw denied()
      const { count } = selection
      await deleteRows(admin, selection)
      return tn('{n} {name} was deleted.', '{n} {names} were deleted.', count, {
        n: write(count),
        name: admin.model.meta.verboseName,
        names: admin.model.meta.verboseNamePlural,
      })
    },
  }
}

/** Rows deleted at a time, where there are many: what goes along is read into memory. */
const CHUNK = 2000

async function deleteRows({ model }: ModelAdmin, { rows, count }: Selection): Promise<void> {
  const [key, ...more] = model.meta.pk
  if (count <= MOST_KEPT || more.length > 0) {
    await rows.all().delete()
    return
  }
  const keys: unknown[] = await rows.dynamicOrderBy().valuesList(key!.attname, { flat: true })
  for (let from = 0; from < keys.length; from += CHUNK)
    await model.objects.dynamic({ [`${key!.attname}__in`]: keys.slice(from, from + CHUNK) }).delete()
}

async function judgeSelection(admin: ModelAdmin, access: Access, { rows, count }: Selection): Promise<Verdict> {
  if (count <= MOST_KEPT) {
    const found: AnyInstance[] = await rows.all()
    return judge(await collectDeletion(found), access)
  }
  // Too many to look at one by one: everything that could go with them must be allowed.
  const verdict = judge({ counts: [{ model: admin.model, count }], blocked: [] }, access)
  const missing = [...reachable(admin.model)]
    .filter((model) => !isFramework(model) || adminOf(model))
    .filter((model) => !access.may('delete', model))
    .map((model) => model.meta.verboseNamePlural)
  return { ...verdict, missing }
}

/** Models whose rows could go with rows of a model. */
function reachable(model: AnyModel, found: Set<AnyModel> = new Set()): Set<AnyModel> {
  if (found.has(model)) return found
  found.add(model)
  for (const { field, model: holder } of model.meta.incoming)
    if (field.column !== null && field.relation!.onDelete === 'cascade') reachable(holder, found)
  return found
}

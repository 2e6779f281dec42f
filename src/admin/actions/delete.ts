/** "Delete selected": what goes with the rows, what stands in the way, and the permissions of both. */
import { allowRepeats } from '../../db/index.ts'
import { unknownDeletion } from '../../db/internal.ts'
import { language, t, tn } from '../../i18n/index.ts'
import { type Access, denied } from '../access.ts'
import { judgeDeletion, judgeSummary, type Verdict } from '../deletion.ts'
import type { ModelAdmin } from '../model-admin.ts'
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
  if (count <= MOST_KEPT) {
    await rows.all().delete()
    return
  }
  const keys: unknown[] = await rows.dynamicOrderBy().valuesList('pk', { flat: true })
  await allowRepeats('a chunk at a time', async () => {
    for (let from = 0; from < keys.length; from += CHUNK)
      await model.objects.dynamic({ pk__in: keys.slice(from, from + CHUNK) }).delete()
  })
}

/** Too many to look at one by one: everything that could go along must then be allowed. */
async function judgeSelection({ model }: ModelAdmin, access: Access, { rows, count }: Selection): Promise<Verdict> {
  if (count > MOST_KEPT) return judgeSummary(unknownDeletion(model), access)
  return judgeDeletion(await rows.all(), access)
}

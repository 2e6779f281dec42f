/** Gives models their queries: the other half of models/hooks.ts. Imported by the door and by internal.ts. */
import { toCondition, type WhereInput } from '../expressions/condition.ts'
import { OuterExpression, PathExpression } from '../expressions/expression.ts'
import { registerHooks } from '../models/hooks.ts'
import { breaks } from './constraint-check.ts'
import { deleteInstance } from './deletion.ts'
import { loadRelated } from './prefetch.ts'
import { QuerySet } from './queryset.ts'
import { relatedSet } from './related.ts'
import { refreshInstance, saveInstance } from './writes.ts'

registerHooks({
  breaks,
  createManager: (model) => new QuerySet(model),
  loadRelated,
  relatedSet,
  save: saveInstance,
  delete: deleteInstance,
  refresh: refreshInstance,
  makeF: (_model, path) => new PathExpression(path),
  makeOuterRef: (_model, path) => new OuterExpression(path),
  makeQ: (_model, where) => toCondition(where as WhereInput), // refuses what is none
})

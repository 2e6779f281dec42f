/** Gives models their queries: the other half of models/hooks.ts. Imported by the door and by internal.ts. */
import { toCondition, type WhereInput } from '../expressions/condition.ts'
import { OuterExpression, PathExpression } from '../expressions/expression.ts'
import { registerHooks } from '../models/hooks.ts'
import type { AnyModel } from '../models/meta.ts'
import { breaks } from './constraint-check.ts'
import { deleteInstance } from './deletion.ts'
import { databaseFor } from './instance-database.ts'
import { loadRelated } from './prefetch.ts'
import { QuerySet } from './queryset.ts'
import { refreshInstance } from './refresh.ts'
import { relatedSet } from './related.ts'
import { saveInstance } from './save.ts'
import { initialState, ofModel, type State } from './state.ts'

/** A proxy's manager: of the class of the one it inherits, with its filters. */
function managerLike(objects: QuerySet<unknown>, model: AnyModel): unknown {
  const Same = objects.constructor as new (model: AnyModel, state?: State) => unknown // subclasses keep this constructor
  return objects.state.key === initialState(objects.model).key
    ? new Same(model)
    : new Same(model, ofModel(objects.state, objects.model, model))
}

registerHooks({
  breaks,
  maxInteger: (instance) => databaseFor(instance, undefined).backend.features.maxInteger,
  createManager: (model, like) =>
    like === undefined ? new QuerySet(model) : managerLike(like as QuerySet<unknown>, model), // `objects` of a model
  loadRelated,
  relatedSet,
  save: saveInstance,
  delete: deleteInstance,
  refresh: refreshInstance,
  makeF: (_model, path) => new PathExpression(path),
  makeOuterRef: (_model, path) => new OuterExpression(path),
  makeQ: (_model, where) => toCondition(where as WhereInput), // refuses what is none
})

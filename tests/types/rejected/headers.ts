// Names that a model's header takes: each statement is one mistake, told in the first line.
import { check, dateTime, F, index, json, keepNow, Model, Own, Q, text, unique } from 'nuages/db'
import { Concat, Lower } from 'nuages/db/functions'
import { Timestamped } from '../library/bases.ts'

export class A extends Model<A>()({ title: text() }, { constraints: [unique(['id', 'titel'])] }) {}
export class B extends Model<B>()({ title: text() }, { constraints: [unique(['title', Lower('titel')])] }) {}
export class C extends Model<C>()({ title: text() }, { constraints: [unique(['title'], { where: { titel: 'x' } })] }) {}
export class D extends Model<D>()({ title: text() }, { constraints: [unique(['title'], { include: ['titel'] })] }) {}
export class E extends Model<E>()({ title: text() }, { constraints: [unique(['id']), check({ titel__gt: 'x' })] }) {}
export class G extends Model<G>()({ title: text() }, { constraints: [check({ title: Lower('titel') })] }) {}
export class H extends Model<H>()({ title: text() }, { indexes: [index(['id']), index(['-titel'])] }) {}
export class I extends Model<I>()({ title: text() }, { indexes: [index([F('titel').desc()])] }) {}
export class J extends Model<J>()({ title: text() }, { indexes: [index([Concat('title', Lower('titel'))])] }) {}
export class K extends Model<K>()({ title: text() }, { indexes: [index(['title'], { where: { titel: 'x' } })] }) {}
export class L extends Model<L>()({ title: text() }, { ordering: [Lower('titel'), 'id'] }) {}
export class M extends Model<M>()({ title: text() }, { ordering: [Own('titel').desc({ nulls: 'last' })] }) {}
export class N extends Model<N>()({ title: text() }, { triggers: [keepNow('changedAt')] }) {}
export class O extends Model<O>()({ title: text() }, { extends: Timestamped, indexes: [index(['createdOn'])] }) {}
export class P extends Model<P>()({ title: text() }, { constraints: [check(Q({ title: 'x' }).or(Own({ id: 1 })))] }) {}
export class R extends Model<R>()({ title: text() }, { constraints: [check({ title__gth: 'a' })] }) {}
export class S extends Model<S>()(
  { on: dateTime() },
  { constraints: [unique(['on'], { where: { on__yaer__gt: 1 } })] },
) {}
export class T extends Model<T>()(
  { o: json<{ size: number }>() },
  { indexes: [index(['o'], { where: { o__sice: 1 } })] },
) {}
export class U extends Model<U>()({}, { extends: Timestamped, constraints: [check({ createdAt__gth: new Date() })] }) {}
export class V extends Model<V>()({ title: text() }, { constraints: [check(Q({ title__gth: 'x' }))] }) {}
export class OwnAlone extends Model<OwnAlone>()(
  { title: text() },
  { constraints: [check(Own({ title__gth: 'x' }))] },
) {}
export class OwnOr extends Model<OwnOr>()(
  { title: text() },
  { constraints: [check(Own({ title: 'x' }).not().or({ titel: 'y' }).and({ id: 1 }))] },
) {}

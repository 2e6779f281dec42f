/** What the database computes of a row. */
import { Case, Cast, char, date as dateField, Is, Temporal, Value, When } from 'nuages/db'
import {
  Abs,
  Ceil,
  Coalesce,
  Concat,
  Extract,
  Floor,
  Greatest,
  JSONArray,
  JSONObject,
  Least,
  Left,
  Length,
  Lower,
  LPad,
  MD5,
  Mod,
  Now,
  NullIf,
  Ord,
  Power,
  Random,
  Repeat,
  Replace,
  Round,
  Sign,
  Sqrt,
  StrIndex,
  Substr,
  Trim,
  Trunc,
  Upper,
} from 'nuages/db/functions'
import { Work } from './models.ts'
import {
  bigint,
  boolean,
  date,
  decimal,
  duration,
  either,
  gives,
  leaf,
  list,
  literal,
  number,
  optional,
  orNull,
  plainDate,
  row,
  string,
  tuple,
} from './shapes.ts'

/** Where the compiler knows no more. */
const numberOrBig = either(number, bigint)
const numberOrText = either(number, string)
export const json = leaf<{ lang: string; size?: { w: number }; tags: string[] }>(
  'the data of a work',
  (value) => typeof value === 'object' && value !== null && 'lang' in value && 'tags' in value,
)
const week = Temporal.Duration.from({ days: 7 })

export const computed = {
  texts: gives(
    () =>
      Work.objects
        .annotate({
          lower: Lower('title'),
          lowerOf: Upper('subtitle'),
          size: Length('title'),
          sizeOf: Length('subtitle'),
          line: Concat('title', Value(' / '), 'subtitle'),
          part: Substr('title', 1, 2),
          left: Left('subtitle', 2),
          padded: LPad('title', 20, Value('.')),
          twice: Repeat('title', 2),
          changed: Replace('subtitle', Value('C'), Value('c')),
          bare: Trim('title'),
          at: StrIndex('title', Value('a')),
          atOf: StrIndex('subtitle', Value('o')),
          code: Ord('title'),
          hash: MD5('title'),
          some: Work.F('title').slice(0, 2),
          someOf: Work.F('subtitle').slice(1),
        })
        .values(
          'lower',
          'lowerOf',
          'size',
          'sizeOf',
          'line',
          'part',
          'left',
          'padded',
          'twice',
          'changed',
          'bare',
          'at',
          'atOf',
          'code',
          'hash',
          'some',
          'someOf',
        ),
    list(
      row({
        lower: string,
        lowerOf: orNull(string),
        size: number,
        sizeOf: orNull(number),
        line: string,
        part: string,
        left: orNull(string),
        padded: optional(string),
        twice: string,
        changed: orNull(string),
        bare: string,
        at: number,
        atOf: orNull(number),
        code: number,
        hash: string,
        some: string,
        someOf: orNull(string),
      }),
    ),
  ),
  numbers: gives(
    () =>
      Work.objects
        .annotate({
          abs: Abs('pages'),
          ceil: Ceil('weight'),
          floor: Floor('rating'),
          round: Round('price', 1),
          roundOf: Round('fee'),
          sign: Sign('sold'),
          rest: Mod('pages', 7),
          square: Power('pages', 2),
          root: Sqrt('pages'),
          rootOf: Sqrt('rating'),
          random: Random(),
        })
        .values('abs', 'ceil', 'floor', 'round', 'roundOf', 'sign', 'rest', 'square', 'root', 'rootOf', 'random'),
    list(
      row({
        abs: number,
        ceil: number,
        floor: orNull(number),
        round: decimal,
        roundOf: orNull(decimal),
        sign: bigint,
        rest: number,
        square: number,
        root: number,
        rootOf: orNull(number),
        random: number,
      }),
    ),
  ),
  arithmetic: gives(
    () =>
      Work.objects
        .annotate({
          plus: Work.F('pages').plus(1),
          plusOf: Work.F('pages').plus(Work.F('parts')),
          times: Work.F('price').times(2),
          timesOf: Work.F('price').times(Work.F('fee')),
          float: Work.F('weight').minus(0.25),
          big: Work.F('sold').plus(1),
          bigOf: Work.F('printed').minus(1),
          half: Work.F('pages').dividedBy(2),
          halfOf: Work.F('pages').dividedBy(Work.F('parts')),
          rest: Work.F('pages').modulo(7),
          restOf: Work.F('pages').modulo(Work.F('parts')),
          mixed: Work.F('pages').times(Work.F('price')),
        })
        .values(
          'plus',
          'plusOf',
          'times',
          'timesOf',
          'float',
          'big',
          'bigOf',
          'half',
          'halfOf',
          'rest',
          'restOf',
          'mixed',
        ),
    list(
      row({
        plus: number,
        plusOf: orNull(number),
        times: decimal,
        timesOf: orNull(decimal),
        float: number,
        big: bigint,
        bigOf: orNull(bigint),
        half: number,
        halfOf: orNull(number),
        rest: number,
        restOf: orNull(number),
        mixed: decimal,
      }),
    ),
  ),
  'powers and bits': gives(
    () =>
      Work.objects
        .annotate({
          power: Work.F('pages').power(2),
          powerOf: Work.F('pages').power(Work.F('parts')),
          and: Work.F('pages').bitAnd(3),
          andOf: Work.F('pages').bitAnd(Work.F('parts')),
          orOf: Work.F('pages').bitOr(Work.F('parts')),
          leftOf: Work.F('pages').bitLeftShift(Work.F('parts')),
        })
        .values('power', 'powerOf', 'and', 'andOf', 'orOf', 'leftOf'),
    list(
      row({
        power: number,
        powerOf: orNull(number),
        and: number,
        andOf: orNull(number),
        orOf: orNull(number),
        leftOf: orNull(number),
      }),
    ),
  ),
  dates: gives(
    () =>
      Work.objects
        .annotate({
          year: Extract('publishedOn', 'year'),
          yearOf: Extract('reprintedOn', 'year'),
          month: Trunc('publishedOn', 'month'),
          hourOf: Trunc('seenAt', 'hour'),
          day: Extract('madeAt', 'date'),
          now: Now(),
          later: Work.F('publishedOn').plus(week),
          laterOf: Work.F('seenAt').plus(week),
          between: Work.F('reprintedOn').minus(Work.F('publishedOn')),
          age: Work.F('madeAt').minus(Work.F('madeAt')),
          double: Work.F('length').times(2),
        })
        .values('year', 'yearOf', 'month', 'hourOf', 'day', 'now', 'later', 'laterOf', 'between', 'age', 'double'),
    list(
      row({
        year: number,
        yearOf: orNull(number),
        month: plainDate,
        hourOf: orNull(date),
        day: plainDate,
        now: date,
        later: plainDate,
        laterOf: orNull(date),
        between: orNull(duration),
        age: duration,
        double: duration,
      }),
    ),
  ),
  'numbers of several kinds': gives(
    () =>
      Work.objects
        .annotate({
          withBig: Work.F('pages').plus(Work.F('sold')),
          ofBig: Work.F('sold').plus(Work.F('pages')),
          feeOr: Coalesce('fee', 0),
          least: Least('weight', 'price'),
          either: Case([When({ state: 'out' }, 'price')], 0),
          kept: NullIf('pages', 90),
          whole: Work.F('sold').power(2),
          powered: Power('sold', 2),
          exact: Work.F('price').power(2),
        })
        .values('withBig', 'ofBig', 'feeOr', 'least', 'either', 'kept', 'whole', 'powered', 'exact'),
    list(
      row({
        withBig: numberOrBig,
        ofBig: bigint,
        feeOr: decimal,
        least: decimal,
        either: decimal,
        kept: orNull(number),
        whole: number,
        powered: number,
        exact: decimal,
      }),
    ),
  ),
  conditions: gives(
    () =>
      Work.objects
        .annotate({
          sure: Is({ pages__gte: 100, writer__name__startswith: 'D' }),
          perhaps: Is({ parts__gte: 3 }),
          behind: Is({ editor__name: 'Stéphane' }),
          known: Is({ parts__isnull: true }),
          joined: Is(Work.Q({ parts: 3 }).or({ parts: 4 })),
          always: Case([When({ parts__gte: 3 }, true)], false),
        })
        .values('sure', 'perhaps', 'behind', 'known', 'joined', 'always'),
    list(
      row({
        sure: boolean,
        perhaps: orNull(boolean),
        behind: orNull(boolean),
        known: boolean,
        joined: orNull(boolean),
        always: boolean,
      }),
    ),
  ),
  choices: gives(
    () =>
      Work.objects
        .annotate({
          named: Case([When({ state: 'out' }, Value('sold'))], Value('kept')),
          maybe: Case([When({ state: 'out' }, Value(1))]),
          of: Case([When({ state: 'out' }, 'price')]),
          is: Is({ pages__gte: 100 }),
          first: Coalesce('subtitle', 'title'),
          firstOf: Coalesce('subtitle', 'address'),
          nothing: NullIf('title', Value('Swing')),
          most: Greatest('pages', 100),
          least: Least('price', 10),
          text: Cast('pages', char({ maxLength: 9 })),
          textOf: Cast('parts', char({ maxLength: 9 })),
          day: Cast('madeAt', dateField()),
        })
        .values('named', 'maybe', 'of', 'is', 'first', 'firstOf', 'nothing', 'most', 'least', 'text', 'textOf', 'day'),
    list(
      row({
        named: literal('sold', 'kept'),
        maybe: orNull(literal(1)),
        of: orNull(decimal),
        is: boolean,
        first: string,
        firstOf: orNull(string),
        nothing: orNull(string),
        most: number,
        least: decimal,
        text: string,
        textOf: orNull(string),
        day: plainDate,
      }),
    ),
  ),
  constants: gives(
    () => Work.objects.annotate({ one: Value(1), x: Value('x'), yes: Value(true) }).values('one', 'x', 'yes'),
    list(row({ one: literal(1), x: literal('x'), yes: literal(true) })),
  ),
  JSON: gives(
    () =>
      Work.objects
        .annotate({
          of: JSONObject({ title: 'title', subtitle: 'subtitle', pages: 'pages', writer: 'writer__name' }),
          list: JSONArray('title', 'parts'),
          more: JSONObject({
            seen: 'visible',
            sold: 'sold',
            at: 'madeAt',
            length: 'length',
            price: 'price',
            data: 'data',
          }),
        })
        .values('of', 'list', 'of__pages', 'more'),
    list(
      row({
        of: row({ title: string, subtitle: orNull(string), pages: number, writer: string }),
        list: tuple(string, orNull(number)),
        more: row({ seen: boolean, sold: number, at: string, length: numberOrText, price: numberOrText, data: json }),
        of__pages: number,
      }),
    ),
  ),
}

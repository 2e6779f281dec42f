import { loadFixtures, serialize } from 'nuages/db/serializers'
import { expect, test } from 'vitest'
import { freshTables } from '../query/setup.ts'
import { Label, Line, Order, Split, Tenant, tenants } from '../query/tenants.ts'

freshTables(tenants)

const loadText = (format: string, text: string) =>
  loadFixtures([
    {
      name: `tenants.${format}`,
      format,
      async *open() {
        yield text
      },
    },
  ])
const load = (rows: readonly object[]) =>
  loadText('json', `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]`)

test('SER-05 rows that refer by several columns are loaded; what leads nowhere is told with its line', async () => {
  const [one, two] = await Tenant.objects.bulkCreate([{ name: 'a' }, { name: 'b' }])
  const order = await Order.objects.create({ tenant: one!, number: 'x' })
  await Order.objects.create({ tenant: two!, number: 'y' })
  const line = await Line.objects.create({ order, position: 1, product: 'p' })
  const split = await Split.objects.create({ line, share: 5 })
  const written = async (rows: Parameters<typeof serialize>[1]) => JSON.parse(await serialize('json', rows)) as object[]
  const [lines, splits] = [await written(Line.objects.all()), await written(Split.objects.all())]
  await split.delete()
  await line.delete()
  await load([...splits, ...lines]) // in whatever order
  expect(await Split.objects.values('share', 'line__product', 'line__order__number')).toEqual([
    { share: 5, line__product: 'p', line__order__number: 'x' },
  ])
  // Each of the columns alone is there; the pair is not.
  const broken = JSON.parse(JSON.stringify(lines).replaceAll('"x"', '"y"')) as object[]
  await expect(load([...splits, ...broken])).rejects.toMatchObject({
    code: 'serializers.broken-reference',
    field: 'order',
    line: 3,
  })
  expect(await Line.objects.count()).toBe(1)
})

test.each(['json', 'jsonl', 'xml', 'yaml'])(
  'SER-03 many-to-many fields of models whose keys have several columns: %s',
  async (format) => {
    const tenant = await Tenant.objects.create({ name: 'a' })
    const [x, y] = [
      await Order.objects.create({ tenant, number: 'x' }),
      await Order.objects.create({ tenant, number: '[1]' }),
    ]
    const label = await Label.objects.create({ name: 'red' })
    await x.labels.add(label)
    await x.related.add(y)
    const text = await serialize(format, Order.objects.all())
    await Order.objects.all().delete()
    await loadText(format, text)
    const again = await Order.objects.get({ number: 'x' })
    expect((await again.labels.all()).map((each) => each.name)).toEqual(['red'])
    expect((await again.related.all()).map((each) => each.pk)).toEqual([[tenant.id, '[1]']])
    expect(await serialize(format, Order.objects.all())).toBe(text)
  },
)

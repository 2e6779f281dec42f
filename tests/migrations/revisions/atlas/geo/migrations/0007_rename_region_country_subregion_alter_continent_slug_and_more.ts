import { alterField, fields, migration, noop, renameField, runCode } from 'nuages/db/migrations'

export default migration({
  dependencies: [['geo', '0006_country_neighbours_country_currencies_and_more']],
  operations: [
    renameField('Country', 'region', 'subregion'),
    runCode(
      async ({ models }) => {
        for (const label of ['Continent', 'Country']) {
          const model = models.get(label)
          for (const { id, name } of await model.objects.dynamicValues('id', 'name'))
            await model.objects.dynamic({ id }).dynamicUpdate({ slug: String(name).toLowerCase() })
        }
      },
      { reverse: noop },
    ),
    alterField('Continent', 'slug', fields.slug({ unique: true, default: '-' })),
    alterField('Country', 'slug', fields.slug({ maxLength: 80, unique: true, default: '-' })),
  ],
})

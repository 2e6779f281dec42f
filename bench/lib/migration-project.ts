/** A project with a long history: 100 models in 5 apps, made by 500 migrations; and the same for Django. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const APPS = 5
const MODELS = 20
const MIGRATIONS = 100

const app = (i: number) => `app${i}`
const number = (i: number) => String(i + 1).padStart(4, '0')

/** What the nth migration of an app does, after the first one created its models. */
interface Step {
  readonly model: string
  readonly kind: 'add' | 'alter' | 'index' | 'rename'
  readonly field: string
}

function steps(): Step[] {
  return Array.from({ length: MIGRATIONS - 1 }, (_, i) => {
    const round = Math.floor(i / MODELS)
    const kind = (['add', 'alter', 'rename', 'index', 'add'] as const)[round]!
    return { model: `Model${i % MODELS}`, kind, field: round === 4 ? 'g' : 'f' }
  })
}

/** The fields and indexes that a model ends with. */
function final(model: string) {
  const own = steps().filter((each) => each.model === model)
  const has = (kind: Step['kind'], field: string) => own.some((each) => each.kind === kind && each.field === field)
  const name = has('rename', 'f') ? 'renamed' : 'f'
  return {
    text: has('add', 'f')
      ? { name, length: has('alter', 'f') ? 60 : 40, indexed: own.some((each) => each.kind === 'index') }
      : null,
    extra: has('add', 'g'),
  }
}

const write = (folder: string, name: string, text: string) => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), text)
}

/** Writes the project of Nuages. */
export function writeNuages(root: string): void {
  const nuages = fileURLToPath(new URL('../..', import.meta.url))
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  symlinkSync(nuages, join(root, 'node_modules', 'nuages'))
  write(root, 'package.json', '{ "type": "module", "private": true }\n')
  write(
    root,
    'urls.ts',
    "import { routes } from 'nuages/urls'\nexport const urls = routes({})\nexport const views = {}\n",
  )
  write(
    root,
    'settings.ts',
    `import { defineSettings } from 'nuages'
${Array.from({ length: APPS }, (_, i) => `import ${app(i)} from './${app(i)}/app.ts'`).join('\n')}

export default defineSettings({
  root: import.meta.url,
  secretKey: 'bench-only-bench-only-bench-only-bench-only-bench-only',
  apps: [${Array.from({ length: APPS }, (_, i) => app(i)).join(', ')}],
  databases: { default: { url: 'sqlite:./db.sqlite3' } },
  urls: () => import('./urls.ts'),
})
`,
  )
  for (let a = 0; a < APPS; a++) {
    const folder = join(root, app(a))
    write(
      folder,
      'app.ts',
      `import { defineApp } from 'nuages'
import * as models from './models.ts'
export default defineApp({ name: '${app(a)}', root: import.meta.url, models })
`,
    )
    write(folder, 'models.ts', nuagesModels(a))
    const migrations = join(folder, 'migrations')
    write(migrations, '0001_initial.ts', nuagesInitial(a))
    steps().forEach((step, i) => {
      const { model, kind, field } = step
      const operation = {
        add: `addField('${model}', '${field}', fields.${field === 'f' ? 'char({ maxLength: 40, null: true })' : 'integer({ null: true })'})`,
        alter: `alterField('${model}', '${field}', fields.char({ maxLength: 60, null: true }))`,
        index: `addIndex('${model}', index(['renamed'], { name: '${app(a)}_${model.toLowerCase()}_i' }))`,
        rename: `renameField('${model}', '${field}', 'renamed')`,
      }[kind]
      const word = {
        add: 'addField, fields',
        alter: 'alterField, fields',
        index: 'addIndex, index',
        rename: 'renameField',
      }[kind]
      const before = i === 0 ? '0001_initial' : `${number(i)}_step`
      write(migrations, `${number(i + 1)}_step.ts`, nuagesStep(app(a), before, word, operation))
    })
  }
}

function nuagesStep(name: string, before: string, word: string, operation: string): string {
  return `import { ${word}, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: [['${name}', '${before}']],
  operations: [${operation}],
})
`
}

/** Writes one more migration of the first app, which its models do not have; gives what takes it away again. */
export const oneNew = {
  nuages: (root: string): (() => void) => {
    const operation = "addField('Model0', 'later', fields.integer({ null: true }))"
    const folder = join(root, app(0), 'migrations')
    return written(folder, '0101_new.ts', nuagesStep(app(0), '0100_step', 'addField, fields', operation))
  },
  django: (root: string): (() => void) => {
    const operation = 'migrations.AddField("model0", "later", models.IntegerField(null=True))'
    return written(join(root, app(0), 'migrations'), '0101_new.py', djangoMigration(0, MIGRATIONS, [operation]))
  },
}

function written(folder: string, name: string, text: string): () => void {
  write(folder, name, text)
  return () => rmSync(join(folder, name))
}

/** Each model refers to the one before it, and to one of the app before. */
function targets(a: number, m: number): [name: string, app: string, model: string][] {
  return [
    ...(m > 0 ? [['before', app(a), `Model${m - 1}`] as [string, string, string]] : []),
    ...(a > 0 ? [['other', app(a - 1), `Model${m}`] as [string, string, string]] : []),
  ]
}

function nuagesModels(a: number): string {
  const classes = Array.from({ length: MODELS }, (_, m) => {
    const { text, extra } = final(`Model${m}`)
    const relations = targets(a, m).map(
      ([name, of, model]) =>
        `  ${name}: () => foreignKey(${of === app(a) ? model : `other.${model}`}, { onDelete: 'cascade', null: true }),\n`,
    )
    const indexes = text?.indexed
      ? `, {\n  indexes: [index(['${text.name}'], { name: '${app(a)}_model${m}_i' })],\n}`
      : ''
    return `export class Model${m} extends Model<Model${m}>()({
  name: char({ maxLength: 100 }),
  count: integer({ default: 0 }),
${relations.join('')}${text ? `  ${text.name}: char({ maxLength: ${text.length}, null: true }),\n` : ''}${extra ? '  g: integer({ null: true }),\n' : ''}}${indexes}) {}
`
  })
  const other = a > 0 ? `import * as other from '../${app(a - 1)}/models.ts'\n` : ''
  return `import { char, foreignKey, index, integer, Model } from 'nuages/db'\n${other}\n${classes.join('\n')}`
}

function nuagesInitial(a: number): string {
  const models = Array.from({ length: MODELS }, (_, m) => {
    const relations = targets(a, m).map(
      ([name, of, model]) =>
        `      ${name}: fields.foreignKey('${of}.${model}', { onDelete: 'cascade', null: true }),\n`,
    )
    return `    createModel('Model${m}', {
      id: fields.autoId(),
      name: fields.char({ maxLength: 100 }),
      count: fields.integer({ default: 0 }),
${relations.join('')}    }),\n`
  })
  const dependencies = a > 0 ? `[['${app(a - 1)}', '0001_initial']]` : '[]'
  return `import { createModel, fields, migration } from 'nuages/db/migrations'

export default migration({
  dependencies: ${dependencies},
  operations: [
${models.join('')}  ],
})
`
}

/** Writes the project of Django. */
export function writeDjango(root: string): void {
  write(
    root,
    'settings.py',
    `SECRET_KEY = "bench"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
INSTALLED_APPS = [${Array.from({ length: APPS }, (_, i) => `"${app(i)}"`).join(', ')}]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
`,
  )
  for (let a = 0; a < APPS; a++) {
    write(join(root, app(a)), '__init__.py', '')
    write(join(root, app(a), 'migrations'), '__init__.py', '')
    write(join(root, app(a)), 'models.py', djangoModels(a))
    write(join(root, app(a), 'migrations'), '0001_initial.py', djangoMigration(a, 0, djangoInitial(a)))
    steps().forEach(({ model, kind, field }, i) => {
      const name = model.toLowerCase()
      const operation = {
        add: `migrations.AddField("${name}", "${field}", models.${field === 'f' ? 'CharField(max_length=40, null=True)' : 'IntegerField(null=True)'})`,
        alter: `migrations.AlterField("${name}", "${field}", models.CharField(max_length=60, null=True))`,
        index: `migrations.AddIndex("${name}", models.Index(fields=["renamed"], name="${app(a)}_${name}_i"))`,
        rename: `migrations.RenameField("${name}", "${field}", "renamed")`,
      }[kind]
      write(join(root, app(a), 'migrations'), `${number(i + 1)}_step.py`, djangoMigration(a, i + 1, [operation]))
    })
  }
}

function djangoModels(a: number): string {
  const classes = Array.from({ length: MODELS }, (_, m) => {
    const { text, extra } = final(`Model${m}`)
    const relations = targets(a, m).map(
      ([name, of, model]) =>
        `    ${name} = models.ForeignKey("${of}.${model}", models.CASCADE, null=True, related_name="+")\n`,
    )
    const index = text?.indexed
      ? `    class Meta:\n        indexes = [models.Index(fields=["${text.name}"], name="${app(a)}_model${m}_i")]\n`
      : ''
    return `class Model${m}(models.Model):
    name = models.CharField(max_length=100)
    count = models.IntegerField(default=0)
${relations.join('')}${text ? `    ${text.name} = models.CharField(max_length=${text.length}, null=True)\n` : ''}${extra ? '    g = models.IntegerField(null=True)\n' : ''}${index}`
  })
  return `from django.db import models\n\n${classes.join('\n')}`
}

function djangoInitial(a: number): string[] {
  return Array.from({ length: MODELS }, (_, m) => {
    const relations = targets(a, m).map(
      ([name, of, model]) =>
        `("${name}", models.ForeignKey("${of}.${model}", models.CASCADE, null=True, related_name="+"))`,
    )
    const fields = [
      '("id", models.BigAutoField(primary_key=True, auto_created=True, serialize=False, verbose_name="ID"))',
      '("name", models.CharField(max_length=100))',
      '("count", models.IntegerField(default=0))',
      ...relations,
    ]
    return `migrations.CreateModel("Model${m}", [${fields.join(', ')}])`
  })
}

function djangoMigration(a: number, i: number, operations: readonly string[]): string {
  const dependencies =
    i > 0
      ? `[("${app(a)}", "${i === 1 ? '0001_initial' : `${number(i - 1)}_step`}")]`
      : a > 0
        ? `[("${app(a - 1)}", "0001_initial")]`
        : '[]'
  return `from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = ${dependencies}
    operations = [
        ${operations.join(',\n        ')},
    ]
`
}

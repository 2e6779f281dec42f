/** `meta` of a proxy: names and order of its own, everything of the table from the model it stands for. */
import { humanize, pluralize } from '../../std/text.ts'
import { orderingPaths } from './define.ts'
import { type Definition, definitionOf } from './definition.ts'
import type { AnyModel, FieldMeta, ModelMeta } from './meta.ts'

/** What a proxy does not have from its model: it has permissions and names for people of its own. */
const OWN = new Set(['permissions', 'defaultPermissions', 'verboseName', 'verboseNamePlural'])

/** {@link ModelMeta} of a bound proxy. */
export class ProxyMeta implements ModelMeta {
  readonly model: AnyModel
  readonly proxy = true
  readonly app: string
  readonly name: string
  readonly label: string
  readonly autoCreated = false
  readonly #definition: Definition
  #ordering: readonly string[] | null = null
  #options: Readonly<Record<string, unknown>> | null = null

  constructor(definition: Definition, model: AnyModel, app: string, name: string) {
    this.model = model
    this.app = app
    this.name = name
    this.label = `${app}.${name}`
    this.#definition = definition
  }

  /** Asked late: an app may list a proxy before its model. A proxy of a proxy stands for the model behind both. */
  get #of(): ModelMeta {
    const { proxyOf } = this.#definition
    return definitionOf(proxyOf!)?.bound?.meta ?? (proxyOf as AnyModel).meta // which says that no app lists it
  }
  get concrete(): AnyModel {
    return this.#of.concrete
  }
  get table(): string {
    return this.#of.table
  }
  get managed(): boolean {
    return this.#of.managed
  }
  get fields(): ModelMeta['fields'] {
    return this.#of.fields
  }
  get columns(): ModelMeta['columns'] {
    return this.#of.columns
  }
  getField(name: string): FieldMeta {
    return this.#of.getField(name)
  }
  get relations(): ModelMeta['relations'] {
    return this.#of.relations
  }
  get byAttname(): ModelMeta['byAttname'] {
    return this.#of.byAttname
  }
  get manyToMany(): ModelMeta['manyToMany'] {
    return this.#of.manyToMany
  }
  get pk(): ModelMeta['pk'] {
    return this.#of.pk
  }
  get orderWithRespectTo(): ModelMeta['orderWithRespectTo'] {
    return this.#of.orderWithRespectTo
  }
  get indexes(): ModelMeta['indexes'] {
    return this.#of.indexes
  }
  get constraints(): ModelMeta['constraints'] {
    return this.#of.constraints
  }
  get triggers(): ModelMeta['triggers'] {
    return this.#of.triggers
  }
  get incoming(): ModelMeta['incoming'] {
    return this.#of.incoming
  }
  get orderBy(): ModelMeta['orderBy'] {
    return this.#definition.options.ordering ?? this.#of.orderBy
  }
  get ordering(): ModelMeta['ordering'] {
    this.#ordering ??= orderingPaths(this.orderBy)
    return this.#ordering
  }
  get verboseName(): string {
    const { verboseName } = this.#definition.options
    return verboseName === undefined ? humanize(this.name) : String(verboseName)
  }
  get verboseNamePlural(): string {
    const { verboseNamePlural } = this.#definition.options
    return verboseNamePlural === undefined ? pluralize(this.verboseName) : String(verboseNamePlural)
  }
  get options(): Readonly<Record<string, unknown>> {
    this.#options ??= Object.freeze({
      ...Object.fromEntries(Object.entries(this.#of.options).filter(([name]) => !OWN.has(name))),
      ...this.#definition.options,
    })
    return this.#options
  }
}

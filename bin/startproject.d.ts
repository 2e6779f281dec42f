export function startProject(options: {
  readonly name: string
  readonly folder?: string | undefined
  readonly nuages?: string | undefined
  readonly cwd?: string
  readonly script?: string
  readonly node?: string
}): { readonly name: string; readonly folder: string; readonly files: readonly string[]; readonly bringsNode: boolean }
export function run(words: readonly string[]): number

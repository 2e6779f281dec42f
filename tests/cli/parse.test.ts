import { describe, expect, expectTypeOf, test } from 'vitest'
import { UsageError } from '../../src/cli/errors.ts'
import { defineCommand } from '../../src/cli/index.ts'
import { parseCommandLine, splitName, summary, usage } from '../../src/cli/parse.ts'

const load = defineCommand({
  help: 'Load cities. They come from a file.',
  arguments: [
    { name: 'file', help: 'a file' },
    { name: 'format', help: 'its format', choices: ['json', 'csv'], default: 'json' },
    { name: 'rest', help: 'more', variadic: true, required: false },
  ],
  options: {
    dryRun: { type: 'boolean', short: 'n', help: 'write nothing' },
    bar: { type: 'boolean', default: true, help: 'draw a bar' },
    noInput: { type: 'boolean', help: 'ask nothing' },
    limit: { type: 'integer', help: 'so many' },
    exclude: { type: 'list', help: 'leave out' },
    level: { type: 'string', choices: ['low', 'high'], default: 'low', help: 'how much' },
    token: { type: 'string', required: true, help: 'a token' },
  },
  examples: ['load a.json --token x'],
  run({ args, options, project }) {
    expectTypeOf(args.file).toEqualTypeOf<string>()
    expectTypeOf(args.format).toEqualTypeOf<'json' | 'csv'>()
    expectTypeOf(args.rest).toEqualTypeOf<string[]>()
    expectTypeOf(options.dryRun).toEqualTypeOf<boolean>()
    expectTypeOf(options.limit).toEqualTypeOf<number | undefined>()
    expectTypeOf(options.exclude).toEqualTypeOf<string[]>()
    expectTypeOf(options.level).toEqualTypeOf<'low' | 'high'>()
    expectTypeOf(options.token).toEqualTypeOf<string>()
    expectTypeOf(project.apps).not.toBeAny()
    // @ts-expect-error an option that is not declared
    options.limitt
  },
})

function parse(...words: string[]) {
  const parsed = parseCommandLine('load', load, words)
  if ('help' in parsed) throw new Error('help was printed')
  return parsed
}

describe('a command line', () => {
  test('gives arguments and options by name, with defaults for what is absent', () => {
    expect(parse('a.json', '--token', 't')).toEqual({
      args: { file: 'a.json', format: 'json', rest: [] },
      options: {
        dryRun: false,
        bar: true,
        noInput: false,
        limit: undefined,
        exclude: [],
        level: 'low',
        token: 't',
      },
      globals: { settings: undefined, trace: false },
    })
  })

  test('takes short forms, repeated lists, negations, and words in any order', () => {
    const words = [
      '-n',
      'a',
      '--exclude',
      'x',
      'csv',
      '--exclude=y',
      '--no-bar',
      '--no-input',
      '--limit',
      '5',
      'r1',
      'r2',
    ]
    const { args, options } = parse(...words, '--token=t', '--level', 'high')
    expect(args).toEqual({ file: 'a', format: 'csv', rest: ['r1', 'r2'] })
    expect(options).toMatchObject({
      dryRun: true,
      bar: false,
      noInput: true,
      limit: 5,
      exclude: ['x', 'y'],
      level: 'high',
    })
  })

  test('after -- words are arguments', () => {
    expect(parse('--token', 't', '--', '--file').args).toMatchObject({ file: '--file' })
  })

  test('knows the options of every command', () => {
    const { globals } = parse('a', '--token', 't', '--settings', 'settings/production.ts', '--trace')
    expect(globals).toEqual({ settings: 'settings/production.ts', trace: true })
  })

  const wrong: [string, string[], RegExp][] = [
    ['a missing argument', ['--token', 't'], /missing required argument "file"/i],
    ['a missing option', ['a'], /required option "--token <value>" not specified/i],
    [
      'an unknown option, naming the nearest',
      ['a', '--token', 't', '--limt', '5'],
      /unknown option "--limt"\. Did you mean "--limit"\?/i,
    ],
    ['a word that is no number', ['a', '--token', 't', '--limit', '5x'], /"5x" is invalid.*whole number/i],
    ['a number too large to be exact', ['a', '--token', 't', '--limit', '99999999999999999'], /whole number/i],
    ['a choice there is not', ['a', '--token', 't', '--level', 'mid'], /Allowed choices are low, high/i],
    ['an option without its value', ['a', '--token'], /argument missing/i],
  ]
  test.each(wrong)('refuses %s, with the usage as hint and exit code 2', (_, words, message) => {
    const error = (() => {
      try {
        parse(...words)
      } catch (thrown) {
        return thrown
      }
    })() as UsageError
    expect(error).toBeInstanceOf(UsageError)
    expect(error.message).toMatch(message)
    expect(error.hint).toContain('Usage: nuages load [options] <file> [format] [rest...]')
    expect(error.exitCode).toBe(2)
  })
})

test('--help shows help, arguments, options, defaults and examples', () => {
  const parsed = parseCommandLine('load', load, ['--help'])
  const help = 'help' in parsed ? parsed.help : ''
  for (const part of [
    usage('load', load),
    load.help,
    '--dry-run',
    '--no-bar',
    '(choices: "low", "high"',
    'nuages load a.json',
  ])
    expect(help).toContain(part)
  expect(help).not.toContain('(default: false)')
})

test('an option of every command cannot be declared again', () => {
  const declare = () => defineCommand({ help: 'x', options: { settings: { type: 'string', help: 'x' } }, run() {} })
  expect(declare).toThrow('The option "settings" is one that every command has.')
})

test('the summary is the first sentence of the help', () => {
  expect(summary(load)).toBe('Load cities.')
  expect(summary(defineCommand({ help: 'Print v1.2 of it', run() {} }))).toBe('Print v1.2 of it')
})

test('the name is found after options of every command', () => {
  expect(splitName(['--settings', 's.ts', 'check', '--deploy'])).toEqual({
    name: 'check',
    rest: ['--settings', 's.ts', '--deploy'],
  })
  expect(splitName(['--trace'])).toEqual({ name: undefined, rest: ['--trace'] })
})

test('several words that are required, and a dash among them', () => {
  const several = defineCommand({
    help: 'Load files.',
    arguments: [{ name: 'files', help: 'files', variadic: true }],
    run: () => undefined,
  })
  expect(parseCommandLine('several', several, ['a', '-', 'b'])).toMatchObject({ args: { files: ['a', '-', 'b'] } })
  expect(() => parseCommandLine('several', several, [])).toThrow(UsageError)
})

import { CommandError, callCommand, captureOutput, defineCommand } from 'nuages/cli'
import { expect, expectTypeOf, test } from 'vitest'

const greet = defineCommand({
  help: 'Greet.',
  arguments: [
    { name: 'name', help: 'whom' },
    { name: 'rest', help: 'others', variadic: true, required: false },
  ],
  options: {
    loud: { type: 'boolean', help: 'in capitals' },
    times: { type: 'integer', default: 1, help: 'how often' },
    except: { type: 'list', help: 'not these' },
  },
  run({ args, options, out }) {
    if (args.name === 'nobody') throw new CommandError('There is nobody.')
    for (const name of [args.name, ...args.rest]) {
      const text = options.loud ? `HELLO ${name}` : `Hello ${name}`
      if (!options.except.includes(name)) out.line(text.repeat(options.times))
    }
    return args.name === 'fail' ? 4 : undefined
  },
})

test('a command called from code gets the defaults of what is not said', async () => {
  const out = captureOutput()
  expect(await callCommand(greet, { args: { name: 'Django' }, out })).toBe(0)
  expect(out.text).toBe('Hello Django\n')
})

test('arguments and options are given by name, and typed', async () => {
  const out = captureOutput()
  const options = { loud: true, times: 2, except: ['B'] }
  await callCommand(greet, { args: { name: 'A', rest: ['B', 'C'] }, options, out })
  expect(out.text).toBe('HELLO AHELLO A\nHELLO CHELLO C\n')
  type Call = Parameters<typeof callCommand<typeof greet.arguments, typeof greet.options, 'project'>>[1]
  expectTypeOf<NonNullable<Call['options']>['times']>().toEqualTypeOf<number | undefined>()
})

test('the exit code comes back, errors come through', async () => {
  const out = captureOutput()
  expect(await callCommand(greet, { args: { name: 'fail' }, out })).toBe(4)
  await expect(callCommand(greet, { args: { name: 'nobody' }, out })).rejects.toThrow('There is nobody.')
})

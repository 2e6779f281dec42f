import { expect, test } from 'vitest'
import { CommandError, UsageError } from '../../src/cli/errors.ts'
import { captureOutput } from '../../src/cli/output.ts'
import { describeError, reportError } from '../../src/cli/report.ts'

test('an error of ours is told by name, code, message and hint, without a stack', () => {
  const error = new CommandError('No file "a".', { code: 'cli.no-file', hint: 'Name another.' })
  expect(describeError(error)).toBe('CommandError cli.no-file: No file "a".\nName another.')
})

test('with trace the stack is shown, without frames of Node itself', () => {
  const text = describeError(new CommandError('No.'), true)
  expect(text).toMatch(/\n +at .*report\.test\.ts/)
  expect(text).not.toContain('node:internal')
})

test('an error of another copy of nuages is known by its shape', () => {
  const error = Object.assign(new Error('Bad.'), { name: 'FieldError', code: 'db.bad', hint: 'Mend it.' })
  expect(describeError(error)).toBe('FieldError db.bad: Bad.\nMend it.')
})

test('any other error is a bug and comes with its stack and causes', () => {
  const text = describeError(new Error('outer', { cause: new TypeError('inner') }))
  expect(text).toMatch(/^Error: outer\n +at /)
  expect(text).toContain('Caused by: TypeError: inner')
})

test('exit codes are 1 for failures and 2 for wrong usage', () => {
  expect(reportError(new Error('x'), captureOutput(), false)).toBe(1)
  expect(reportError(new CommandError('x'), captureOutput(), false)).toBe(1)
  expect(reportError(new UsageError('x'), captureOutput(), false)).toBe(2)
  expect(reportError('a string', captureOutput(), false)).toBe(1)
})

test('what the engine refuses of a module, and does not say where, is found by the compiler', () => {
  const bare = new SyntaxError("Identifier 'a' has already been declared")
  bare.stack = `${bare}\n    at compileSourceTextModule (node:internal/modules/esm/utils:319:16)`
  expect(describeError(bare)).toBe(
    "CommandError cli.unreadable-file: A file of the project cannot be loaded.\nSyntaxError: Identifier 'a' has already been declared\nIn which file, and where: npx tsc --noEmit",
  )
  expect(describeError(new SyntaxError('Of our own.'))).toContain('--trace shows the whole stack')
})

test('a package that is not installed is told by its name, with the command that mends it', () => {
  const missing = (name: string) =>
    Object.assign(new Error(`Cannot find package '${name}' imported from ${process.cwd()}/shop/app.ts`), {
      code: 'ERR_MODULE_NOT_FOUND',
    })
  expect(describeError(missing('vitest'))).toBe(
    'CommandError cli.not-installed: The package "vitest" is not installed; shop/app.ts imports it.\nRun: npm install',
  )
  expect(describeError(missing('left-pad'))).toMatch(/\nRun: npm install left-pad$/)
})

test('a clone without .env is told how to make one', () => {
  const error = Object.assign(
    new Error(
      '1 setting is wrong.\n  secretKey: is not set: expected a secret.\n    Set the environment variable SECRET_KEY.',
    ),
    { name: 'SettingsError', code: 'conf.invalid-settings', hint: undefined },
  )
  expect(describeError(error)).toMatch(/\nA file \.env with a new key: node -p ".*" >> \.env$/)
})

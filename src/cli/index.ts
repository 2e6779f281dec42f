export { type CallOptions, callCommand } from './call.ts'
export {
  type AnyCommand,
  type ArgumentSpec,
  type ArgumentValues,
  type Command,
  type CommandContext,
  defineCommand,
  isCommand,
  type Needs,
  type OptionSpec,
  type OptionValues,
} from './command.ts'
export { CommandError, type CommandErrorOptions, UsageError } from './errors.ts'
export { captureOutput, type Output, type Progress, type Style } from './output.ts'

/** Libraries that only readers of a format need: optional peers, loaded when a file of theirs is read. */
import { SerializationError } from './errors.ts'

/** @throws SerializationError serializers.library-missing */
export async function library(name: string, format: string): Promise<unknown> {
  try {
    return await import(name) // by name: who reads no such file does not install it
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new SerializationError(`Reading ${format} needs the package ${name}, which is not installed.`, {
      code: 'serializers.library-missing',
      hint: `Run: npm install ${name}. JSON needs none: --format json.`,
      cause,
    })
  }
}

import { mergeConfig } from 'vitest/config'
import base from '../../../vitest.config.ts'

export default mergeConfig(
  { ...base, test: { ...base.test, include: undefined } },
  { test: { include: ['tests/testing/runners/*.vitest.ts'] } },
)

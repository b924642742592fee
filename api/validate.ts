import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { validatorCompiler as zodValidatorCompiler } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { inPlainWords } from '../core/issue-words.ts'

/** The type provider's, but what is wrong is said in our words: "must be at least 1". */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = (route) => {
  const validate = zodValidatorCompiler(route)
  return (data) => {
    const result = validate(data) as { error?: FastifySchemaValidationError[]; value?: unknown }
    if (result.error === undefined) return result
    const words =
      route.schema.safeParse(data, { error: inPlainWords }).error?.issues.map(({ message }) => message) ?? []
    return { error: result.error.map((fault, index) => ({ ...fault, message: words[index] ?? fault.message ?? '' })) }
  }
}

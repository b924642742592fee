import type { z } from 'zod'

/**
 * What stands in the other cells of a line, or the other fields of an object, when some are wrong: so that everything that is wrong
 * with it can be said at once.
 */
export function readableOf<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: object,
  { issues }: z.ZodError,
): Partial<z.output<z.ZodObject<Shape>>> {
  const wrong = new Set(issues.map(({ path }) => String(path[0])))
  const left = Object.entries(given).filter(([name]) => !wrong.has(name))
  const right = Object.keys(schema.shape).filter((name) => !wrong.has(name))
  const rest = schema.pick(Object.fromEntries(right.map((name) => [name, true])) as never)
  return (rest.safeParse(Object.fromEntries(left)).data ?? {}) as Partial<z.output<z.ZodObject<Shape>>>
}

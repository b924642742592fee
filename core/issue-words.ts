import type { z } from 'zod'

type RawIssue = z.core.$ZodRawIssue

/**
 * What a schema asks for, in plain words that go after the name of the field: "must be a number", "is missing".
 * For `safeParse(value, { error: inPlainWords })`; a message that the schema brings itself stays. It never repeats the value.
 */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && ofWhatIsNotThere.has(issue.code)) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'number' && isWhole(issue.inst) ? typeWords.int : typeWords[issue.expected]
    case 'too_big':
      return `must ${limit(issue.origin, numberInWords(issue.maximum), issue.inclusive ? 'at most' : 'less than')}`
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty'
      return `must ${limit(issue.origin, numberInWords(issue.minimum), issue.inclusive ? 'at least' : 'more than')}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'invalid_format':
      return formatWords[issue.format]
    case 'not_multiple_of':
      return `must be a multiple of ${numberInWords(issue.divisor)}`
    case 'unrecognized_keys':
      return `${issue.keys.join(', ')}: not known here`
    default:
      return undefined
  }
}

const ofWhatIsNotThere: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union'])

const typeWords: Readonly<Record<string, string>> = {
  number: 'must be a number',
  int: 'must be a whole number',
  string: 'must be text',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be an object',
  record: 'must be an object',
  date: 'must be a time',
}

/** Whether a number is asked to be whole: something that is no number at all is told both at once. */
function isWhole(schema: RawIssue['inst']): boolean {
  const def = schema?._zod.def as { format?: unknown; checks?: readonly z.core.$ZodCheck[] } | undefined
  const formats = [def, ...(def?.checks ?? []).map((check) => check._zod.def)]
  return formats.some((it) => it !== undefined && 'format' in it && it.format === 'safeint')
}

function limit(origin: string, bound: string, words: string): string {
  if (origin === 'string') return `have ${words} ${bound} characters`
  if (origin === 'array' || origin === 'set') return `have ${words} ${bound} entries`
  return `be ${words} ${bound}`
}

const formatWords: Readonly<Record<string, string>> = {
  email: 'must be an e-mail address',
  datetime: 'must be a time such as 2026-01-31T08:00:00Z',
  date: 'must be a day such as 2026-01-31',
  uuid: 'must be a UUID',
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 12 })

/** As a person reads it: "1,200"; what is too long or too small for that stays as it is: "1e+300". */
export function numberInWords(number: unknown): string {
  if (typeof number !== 'number') return String(number)
  const size = Math.abs(number)
  return size === 0 || (size >= 1e-6 && size < 1e15) ? grouped.format(number) : String(number)
}

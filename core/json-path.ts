/** A step into an object or an array. */
export type JsonStep = string | number

/** What one path says: where it begins, and the steps from there. */
export interface JsonPath {
  /** `$` is the whole message; `@` is the one of its items that is looked at. */
  readonly from: '$' | '@'
  readonly steps: readonly JsonStep[]
}

const nameStep = /\.([\p{L}_][\p{L}\p{N}_-]*)/uy
const quotedStep = /\[(?:'([^'\\]*)'|"([^"\\]*)")\]/y
const indexStep = /\[(0|[1-9]\d{0,3})\]/y
const mostSteps = 20

/**
 * A path that names one place: `$.data[0].power`, `$['total power']`. It is a singular query of RFC 9535, 2.3.5.1, without negative
 * indices and escapes; a name may have a `-` here, for it is no operator.
 * Undefined when it is none.
 */
export function parseJsonPath(text: string): JsonPath | undefined {
  const from = text[0]
  if (from !== '$' && from !== '@') return undefined
  const steps: JsonStep[] = []
  let at = 1
  while (at < text.length) {
    const found = [nameStep, quotedStep, indexStep].flatMap((pattern) => {
      pattern.lastIndex = at
      return pattern.exec(text) ?? []
    })
    const [whole] = found
    if (whole === undefined || steps.length === mostSteps) return undefined
    const name = found[1] ?? found[2] ?? ''
    steps.push(text[at] === '[' && /^\d/.test(whole.slice(1)) ? Number(name) : name)
    at += whole.length
  }
  return { from, steps }
}

/** What stands there; undefined when nothing does. Own properties alone: a message's `__proto__` is a name like any other. */
export function valueAt(root: unknown, steps: readonly JsonStep[]): unknown {
  let value = root
  for (const step of steps) {
    if (typeof value !== 'object' || value === null) return undefined
    if (Array.isArray(value) !== (typeof step === 'number') || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<JsonStep, unknown>>)[step]
  }
  return value
}

/** One figure of the Prometheus text format: `name{label="value"} 3`. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const line = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/
const label = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** What a page of metrics says (Prometheus exposition format 0.0.4); a line that is none of its own is passed over. */
export function samplesIn(text: string): Sample[] {
  return text.split('\n').flatMap((one) => {
    const [, name, labels = '', value] = line.exec(one) ?? []
    if (name === undefined || value === undefined) return []
    return [{ name, labels: labelsIn(labels), value: numberOf(value) }]
  })
}

function labelsIn(text: string): Record<string, string> {
  const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' }
  return Object.fromEntries(
    [...text.matchAll(label)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll(/\\./g, (pair) => escapes[pair] ?? pair),
    ]),
  )
}

function numberOf(text: string): number {
  if (text === '+Inf' || text === '-Inf') return text === '+Inf' ? Infinity : -Infinity
  return text === 'NaN' ? Number.NaN : Number(text)
}

/** The one figure of this name; null where there is none, or where the service cannot tell. */
export function figure(samples: readonly Sample[], name: string): number | null {
  const found = samples.find((sample) => sample.name === name)?.value
  return found === undefined || Number.isNaN(found) ? null : found
}

/** A figure by one of its labels, the largest first. */
export function figuresBy(samples: readonly Sample[], name: string, by: string): [string, number][] {
  return samples
    .flatMap((sample): [string, number][] => (sample.name === name ? [[sample.labels[by] ?? '', sample.value]] : []))
    .filter(([, value]) => value > 0)
    .sort((one, other) => other[1] - one[1])
}

import type { Detector } from '../core/detector.ts'
import { orderTypeOf } from '../core/severity.ts'
import { kinds } from '../devices/index.ts'

const begin = '<!-- made from the detector: npm run build && node dist/docs/build.js -->'
const end = '<!-- until here -->'

/** A finding's page in `docs/runbooks/`. */
export function pageName(finding: string): string {
  return `${finding.replace('/', '-')}.md`
}

/** What a rule reads, needs and can be set to, for the foot of its finding's page. */
export function ruleSection(detector: Detector): string {
  const { id, about, reads, mayRead, needs, settings, lasts, clears } = detector
  const lines = [
    begin,
    '## The rule',
    '',
    `\`${id}\`: ${about.finds}`,
    '',
    `- Severity and order: ${about.severities.map((severity) => `**${severity}** (${orderTypeOf(severity) ?? 'none'})`).join(', ')}`,
    ...(reads.length > 0 ? [`- Reads: ${names(reads)}`] : []),
    ...(mayRead.length > 0 ? [`- Uses where it is there: ${names(mayRead)}`] : []),
    ...(needs.length > 0 ? [`- Needs the facts: ${names(needs)}`] : []),
    ...(lasts === undefined ? [] : [`- Must hold for \`${lasts}\` of samples; no gap counts`]),
    `- ${clears ? 'Clears by itself, on fresh data' : 'Never clears by itself: a person closes it'}`,
    `- Stays silent for: ${about.traps.join('; ')}`,
    `- Source: ${about.source}`,
    '',
    '| setting | default |',
    '|---|---|',
    ...Object.entries(settings).map(([name, value]) => `| \`${name}\` | ${JSON.stringify(value)} |`),
    end,
  ]
  return lines.join('\n')
}

/** The page with its rule's section as the detector has it now. */
export function withRuleSection(page: string, detector: Detector): string {
  const [written = ''] = page.split(begin)
  return `${written.trimEnd()}\n\n${ruleSection(detector)}\n`
}

/** Every finding that a kind's detectors can raise. */
export const allDetectors: readonly Detector[] = kinds.flatMap((kind) => kind.detectors)

function names(metrics: readonly string[]): string {
  return metrics.map((metric) => `\`${metric}\``).join(', ')
}

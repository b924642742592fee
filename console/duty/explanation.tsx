import { useSignal } from '@preact/signals'
import { get } from '../shared/api.ts'
import { Undone, useDoing } from '../shared/components/doing.tsx'
import { Moment } from '../shared/components/moment.tsx'
import { findingFigures } from '../shared/finding.ts'
import { dictionary, listText } from '../shared/language.ts'
import type { Incident, IncidentExplanation } from '../shared/wire.ts'
import { plainMetric, unitOf } from './curve-data.ts'

const words = dictionary({
  en: {
    why: 'Why it was found',
    figures: { measured: 'Measured', baseline: 'Usual here', limits: 'Held against' },
    rule: 'Rule',
    asShipped: 'as shipped',
    version: (version: number) => `version ${version}`,
    settings: 'Settings then',
    source: 'Source',
    noRule: 'No rule found it: people reported it, or it collects other findings.',
  },
  'zh-CN': {
    why: '判定依据',
    figures: { measured: '实测', baseline: '本设备常态', limits: '比对限值' },
    rule: '规则',
    asShipped: '出厂设置',
    version: (version) => `版本 ${version}`,
    settings: '当时的参数',
    source: '依据标准',
    noRule: '并非由规则判定：由人员报告，或汇总了其他事件。',
  },
})

const parts = ['measured', 'baseline', 'limits'] as const

/** What was measured, against what, by which rule as it was then; read when somebody wants to know. */
export function Explanation({ incidentId }: { readonly incidentId: string }) {
  const say = words()
  const doing = useDoing()
  const explained = useSignal<IncidentExplanation | null>(null)
  const read = () =>
    doing.act(async () => {
      explained.value = await get<IncidentExplanation>(`/incidents/${incidentId}/explanation`)
    })
  return (
    <details onToggle={(event) => event.currentTarget.open && explained.value === null && read()}>
      <summary>{say.why}</summary>
      <Undone doing={doing} />
      {explained.value !== null && <Parts of={explained.value} />}
    </details>
  )
}

function Parts({ of }: { readonly of: IncidentExplanation }) {
  const say = words()
  const figures = parts.flatMap((part) => {
    const text = figuresText(of[part])
    return text === '' ? [] : [{ name: say.figures[part], text }]
  })
  return (
    <>
      <dl class="detail-place">
        {figures.map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
        {of.rule !== null && <RuleThen of={of.rule} />}
      </dl>
      {of.rule === null && <p class="muted">{say.noRule}</p>}
    </>
  )
}

function RuleThen({
  of: { version, settings, change, source },
}: {
  readonly of: NonNullable<IncidentExplanation['rule']>
}) {
  const say = words()
  return (
    <>
      <div>
        <dt>{say.rule}</dt>
        <dd>
          {version === 0 ? say.asShipped : say.version(version)}
          {change !== null && (
            <>
              {' '}
              · <Moment at={change.at} /> · {change.actor} · {change.reason}
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{say.settings}</dt>
        <dd>
          <code>
            {Object.entries(settings)
              .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
              .join(' ')}
          </code>
        </dd>
      </div>
      <div>
        <dt>{say.source}</dt>
        <dd lang="en">{source}</dd>
      </div>
    </>
  )
}

function figuresText(evidence: Incident['evidence']): string {
  const plain = Object.entries(evidence)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${plainMetric(name)} ${value} ${unitOf(name)}`.trim())
  return findingFigures(evidence) ?? listText(plain)
}

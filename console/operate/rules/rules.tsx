import { useSignal } from '@preact/signals'
import { findingTitles } from '../../../core/finding-titles.ts'
import { kindName } from '../../installer/where-step.tsx'
import { get } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { LoadState } from '../../shared/components/doing.tsx'
import { EmptyState } from '../../shared/components/empty-state.tsx'
import { Field } from '../../shared/components/field.tsx'
import { faultText } from '../../shared/fault-text.ts'
import { language, listText } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { place, setQuery } from '../../shared/router.ts'
import { timeText } from '../../shared/time.ts'
import type { Page } from '../../shared/wire.ts'
import { OpenButton } from '../open-button.tsx'
import type { Rule, RuleChange } from '../wire.ts'
import { words } from '../words.ts'
import { RuleForm } from './rule-form.tsx'
import { ruleWords } from './rule-words.ts'
import { settingText } from './settings.ts'

/** Every rule: what it finds, with which settings, and what people changed about it. */
export function RulesView() {
  const say = words()
  const { loaded, again } = useLoaded(() => get<Page<Rule>>('/rules'))
  const filter = useSignal('')
  const opened = place.value.query.get('rule')
  const titles = findingTitles(language.value)
  const titleOf = ({ finding }: Rule) => titles[finding] ?? finding
  const wanted = filter.value.trim().toLowerCase()
  const all = loaded.value.value?.items ?? []
  const shown = all.filter((rule) => `${titleOf(rule)} ${rule.finding}`.toLowerCase().includes(wanted))
  return (
    <>
      <LoadState of={loaded.value} />
      {all.length > 0 && <Field label={say.filter} value={filter} type="search" />}
      {all.length > 0 && shown.length === 0 && <EmptyState title={say.noneFits} hint={say.noneFitsHint} />}
      <ul class="rows">
        {shown.map((rule) => (
          <li key={rule.finding} class="card">
            <div class="line">
              <strong>{titleOf(rule)}</strong>
              <span class="muted">
                {kindName(rule.kind)} · <code>{rule.finding}</code>
              </span>
              <RuleState rule={rule} />
              <OpenButton
                name={titleOf(rule)}
                isOpen={opened === rule.finding}
                onTurn={() => setQuery({ rule: opened === rule.finding ? null : rule.finding })}
              />
            </div>
            {opened === rule.finding && <OneRule rule={rule} onChange={again} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function RuleState({ rule: { changes } }: { readonly rule: Rule }) {
  const say = ruleWords()
  const isOff = changes.some(({ scope, enabled }) => scope.type === 'kind' && enabled === false)
  return (
    <span class={isOff ? 'caution' : 'good'}>
      {isOff ? `○ ${say.off}` : `● ${say.on}`}{' '}
      <span class="muted">{changes.length === 0 ? say.asShipped : say.changedAt(changes.length)}</span>
    </span>
  )
}

function OneRule({ rule, onChange }: { readonly rule: Rule; readonly onChange: () => Promise<void> }) {
  const say = ruleWords()
  const lists = [
    [say.traps, rule.traps],
    [say.needs, rule.needs],
  ] as const
  return (
    <div class="opened">
      <dl class="about" lang="en">
        <dt lang={language.value}>{say.finds}</dt>
        <dd>{rule.finds}</dd>
        <dt lang={language.value}>{say.source}</dt>
        <dd>{rule.source}</dd>
        {lists.map(
          ([name, items]) =>
            items.length > 0 && [
              <dt key={name} lang={language.value}>
                {name}
              </dt>,
              <dd key={`${name} list`}>{items.join('; ')}</dd>,
            ],
        )}
      </dl>
      {rule.changes.length > 0 && (
        <section aria-label={say.changes}>
          <h3>{say.changes}</h3>
          <ul class="changes">
            {rule.changes.map((change) => (
              <Change key={change.version} change={change} />
            ))}
          </ul>
          {rule.outOfRange.map(({ version, setting, message }) => (
            <p key={`${version} ${setting}`} class="caution">
              ▲ {say.outOfRange(version)} <code>{setting}</code> {faultText(message)}
            </p>
          ))}
        </section>
      )}
      <RuleForm rule={rule} onChange={onChange} />
    </div>
  )
}

function Change({ change: { scope, enabled, settings, at, actor, reason, version } }: { readonly change: RuleChange }) {
  const say = ruleWords()
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${settingText(value)}`)
  const state = enabled === null ? [] : [enabled ? say.on : say.off]
  return (
    <li>
      <strong>{listText([...state, ...set]) || say.inherit}</strong> {say.scopes[scope.type]} <code>{scope.id}</code>{' '}
      <span class="muted">
        {timeText(Date.parse(at), now.value)} · {actor} · v{version} · {reason}
      </span>
    </li>
  )
}

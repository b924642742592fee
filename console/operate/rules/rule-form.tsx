import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { post } from '../../shared/api.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Select } from '../../shared/components/select.tsx'
import type { Rule, RuleChange, RuleScope } from '../wire.ts'
import { BacktestPanel } from './backtest-panel.tsx'
import { ruleWords } from './rule-words.ts'
import { isSame, type Proposal, settingsOf, settingText } from './settings.ts'

const scopeTypes = ['kind', 'site', 'device'] as const
type Switched = 'inherit' | 'on' | 'off'

/** Other settings for a kind, a site or a device: seen in a back-test first, switched on with a reason. */
export function RuleForm({ rule, onChange }: { readonly rule: Rule; readonly onChange: () => Promise<void> }) {
  const say = ruleWords()
  const doing = useDoing()
  const [type, scopeId] = [useSignal<RuleScope['type']>('kind'), useSignal('')]
  const switched = useSignal<Switched>('inherit')
  const written = useSignal<Readonly<Record<string, string>>>({})
  const reason = useSignal('')
  const tested = useSignal<Proposal | null>(null)
  const applied = useSignal<number | null>(null)
  const { settings, wrong } = settingsOf(written.value, rule.defaults)
  const scope = { type: type.value, id: type.value === 'kind' ? rule.kind : scopeId.value.trim() }
  const enabled = switched.value === 'inherit' ? null : switched.value === 'on'
  const proposal: Proposal = { scope, enabled, settings }
  // a change replaces all that was set at the place: whoever changes one setting there keeps the others
  useEffect(() => {
    const set = setAt(rule, scope)
    written.value = set.written
    switched.value = set.switched
  }, [scope.type, scope.id])
  const isReady = wrong.length === 0 && scope.id !== ''
  const isTested = isSame(tested.value, proposal)

  async function apply(event: Event): Promise<void> {
    event.preventDefault()
    const isDone = await doing.act(async () => {
      const change = await post<RuleChange>(`/rules/${rule.finding}/changes`, { ...proposal, reason: reason.value })
      applied.value = change.version
    })
    if (!isDone) return
    tested.value = null
    await onChange()
  }

  return (
    <details>
      <summary>{say.change}</summary>
      <form class="fields" onSubmit={apply} autocapitalize="none">
        <p class="muted">{say.backtestFirst}</p>
        <div class="fact-fields">
          <Select label={say.scope} value={type.value} onChange={(one) => (type.value = one as RuleScope['type'])}>
            {scopeTypes.map((one) => (
              <option key={one} value={one}>
                {say.scopes[one]}
              </option>
            ))}
          </Select>
          {type.value !== 'kind' && <Field label={say.scopeId} value={scopeId} required />}
          <Select label={say.enabled} value={switched.value} onChange={(one) => (switched.value = one as Switched)}>
            <option value="inherit">{say.inherit}</option>
            <option value="on">{say.on}</option>
            <option value="off">{say.off}</option>
          </Select>
        </div>
        <div class="fact-fields">
          {Object.entries(rule.defaults).map(([name, usual]) => (
            <SettingField
              key={name}
              name={name}
              usual={settingText(usual)}
              range={rule.ranges[name]}
              text={written.value[name] ?? ''}
              isWrong={wrong.includes(name)}
              onInput={(text) => (written.value = { ...written.value, [name]: text })}
            />
          ))}
        </div>
        <BacktestPanel
          finding={rule.finding}
          proposal={isReady ? proposal : null}
          onDone={(of) => (tested.value = of)}
        />
        <Field label={say.reason} value={reason} required />
        <p class="muted">{say.applyHint}</p>
        <Undone doing={doing} />
        <Button type="submit" look="main" busy={doing.isBusy} disabled={!isTested || reason.value.trim() === ''}>
          {say.apply}
        </Button>
        {applied.value !== null && (
          <p role="status" class="good">
            ✓ {say.applied(applied.value)}
          </p>
        )}
      </form>
    </details>
  )
}

interface SettingFieldProps {
  readonly name: string
  /** As shipped. */
  readonly usual: string
  readonly range: Rule['ranges'][string] | undefined
  readonly text: string
  readonly isWrong: boolean
  readonly onInput: (text: string) => void
}

function SettingField({ name, usual, range, text, isWrong, onInput }: SettingFieldProps) {
  const say = ruleWords()
  const allowed = range === undefined ? '' : `; ${say.allowed(range)}`
  return (
    <div class="field">
      <label>
        <code>{name}</code>
        <input value={text} aria-invalid={isWrong} onInput={(event) => onInput(event.currentTarget.value)} />
      </label>
      <span class={isWrong ? 'wrong' : 'muted'}>
        {isWrong ? `▲ ${say.badSetting}` : `${say.default}: ${usual}${allowed}`}
      </span>
    </div>
  )
}

/** What people set at the place already. */
function setAt(rule: Rule, scope: RuleScope) {
  const there = rule.changes.find((change) => change.scope.type === scope.type && change.scope.id === scope.id)
  const settings = Object.entries(there?.settings ?? {})
  const enabled = there?.enabled ?? null
  const switched: Switched = enabled === null ? 'inherit' : enabled ? 'on' : 'off'
  return { switched, written: Object.fromEntries(settings.map(([name, value]) => [name, settingText(value)])) }
}

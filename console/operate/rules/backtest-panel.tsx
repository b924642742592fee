import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get, post } from '../../shared/api.ts'
import { serverNow } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { Undone, useDoing } from '../../shared/components/doing.tsx'
import { Select } from '../../shared/components/select.tsx'
import type { Backtest, Totals } from '../wire.ts'
import { ruleWords } from './rule-words.ts'
import type { Proposal } from './settings.ts'

const dayMs = 24 * 3_600_000
const periods = [1, 7, 30, 90] as const
const lookEveryMs = 700

interface BacktestPanelProps {
  readonly finding: string
  /** Null while the form is not right. */
  readonly proposal: Proposal | null
  /** It is done, of this. */
  readonly onDone: (of: Proposal) => void
}

/** What the changed settings would have done with what is stored, beside what those in force did. */
export function BacktestPanel({ finding, proposal, onDone }: BacktestPanelProps) {
  const say = ruleWords()
  const doing = useDoing()
  const days = useSignal('7')
  const running = useSignal<{ readonly backtest: Backtest; readonly of: Proposal } | null>(null)
  const id = running.value?.backtest.id

  function start(): void {
    if (proposal === null) return
    running.value = null
    const to = serverNow()
    const from = to - Number(days.value) * dayMs
    const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
    doing.act(async () => {
      const backtest = await post<Backtest>(`/rules/${finding}/backtest`, { ...proposal, ...period })
      running.value = { backtest, of: proposal }
    })
  }

  useEffect(() => {
    if (id === undefined) return undefined
    const timer = setInterval(async () => {
      const current = running.peek()
      if (current === null || !isGoingOn(current.backtest)) return clearInterval(timer)
      const backtest = await get<Backtest>(`/backtests/${id}`).catch(() => current.backtest)
      // another one may have been begun meanwhile
      if (running.peek()?.backtest.id !== id) return undefined
      running.value = { backtest, of: current.of }
      if (backtest.state === 'done') onDone(current.of)
    }, lookEveryMs)
    return () => clearInterval(timer)
  }, [id])

  return (
    <section class="backtest" aria-label={say.backtest}>
      <div class="row">
        <Select label={say.period} value={days.value} onChange={(one) => (days.value = one)}>
          {periods.map((one) => (
            <option key={one} value={String(one)}>
              {say.days(one)}
            </option>
          ))}
        </Select>
        <Button onClick={start} busy={doing.isBusy} disabled={proposal === null}>
          {say.backtest}
        </Button>
      </div>
      <Undone doing={doing} />
      {running.value !== null && <Outcome of={running.value.backtest} />}
    </section>
  )
}

const isGoingOn = ({ state }: Backtest) => state === 'waiting' || state === 'running'

function Outcome({ of: { id, state, progress, error, result } }: { readonly of: Backtest }) {
  const say = ruleWords()
  const stop = () => post(`/backtests/${id}/cancel`).catch(() => {})
  if (state === 'waiting' || state === 'running') {
    return (
      <p role="status" class="row">
        {state === 'waiting' ? say.waiting : say.running(progress?.devicesDone ?? 0, progress?.devices ?? 0)}
        <Button look="link" onClick={stop}>
          {say.stop}
        </Button>
      </p>
    )
  }
  if (state === 'cancelled') return <p class="muted">{say.cancelled}</p>
  if (result === null) {
    return (
      <p class="wrong">
        ■ {say.failed} <span lang="en">{error}</span>
      </p>
    )
  }
  const { happened } = result
  return (
    <div class="outcome" role="status">
      <p class="muted">{say.result(result.devices, result.readings)}</p>
      {result.readings === 0 && <p class="caution">▲ {say.noReadings}</p>}
      <Compared current={result.current} proposed={result.proposed} />
      <p>{say.differences(result.same, result.cameCount, result.goneCount, result.movedCount)}</p>
      {happened.confirmedGone > 0 && <p class="wrong">■ {say.confirmedGone(happened.confirmedGone)}</p>}
      {happened.falseAlarmsGone > 0 && <p class="good">✓ {say.falseGone(happened.falseAlarmsGone)}</p>}
    </div>
  )
}

const rows = ['episodes', 'emergencyOrders', 'plannedOrders', 'ordersPerDay', 'devicesWithOrders'] as const

function Compared({ current, proposed }: { readonly current: Totals; readonly proposed: Totals }) {
  const say = ruleWords()
  return (
    <table>
      <thead>
        <tr>
          <td />
          <th scope="col">{say.inForce}</th>
          <th scope="col">{say.proposed}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <th scope="row">{say.totals[row]}</th>
            <td>{figureText(current[row])}</td>
            <td class={current[row] === proposed[row] ? '' : 'caution'}>{figureText(proposed[row])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const figureText = (figure: number) => String(Math.round(figure * 100) / 100)

import { useSignal } from '@preact/signals'
import { Button } from '../shared/components/button.tsx'
import { Dialog } from '../shared/components/dialog.tsx'
import { base } from '../shared/router.ts'
import { words as sharedWords } from '../shared/words.ts'
import { wordsOf } from './definitions.ts'
import { changeOf, intervalText, places, valueText } from './figure-text.ts'
import type { Standing } from './standing.ts'
import type { Definition, Figure, FigureValue } from './wire.ts'
import { words } from './words.ts'

const marks: Readonly<Record<Standing, string>> = { worse: '⚠', better: '✓', alike: '', unknown: '' }

/** Where a figure stands against the portfolio: shape, colour and word. */
export function StandingMark({ of }: { readonly of: Standing }) {
  if (marks[of] === '') return null
  return (
    <span class={`standing standing-${of}`}>
      <span aria-hidden="true">{marks[of]}</span>
      <span class="unseen">{words().inWords[of]}</span>
    </span>
  )
}

interface ValueProps {
  readonly definition: Definition
  readonly figure: FigureValue | undefined
  /** Where what is behind it is listed. */
  readonly href: string
}

/** A figure that opens what is behind it; no data is said, and never 0. */
export function Value({ definition, figure, href }: ValueProps) {
  if (figure === undefined || figure.value === null) return <span class="muted">{sharedWords().noData}</span>
  return (
    <a href={base + href} title={words().openCases(wordsOf(definition).name)}>
      {valueText(figure.value, definition.unit)}
    </a>
  )
}

/** "▼ 18 %" since a year before, said whether that is good. */
export function ChangeText({ definition, figure }: { readonly definition: Definition; readonly figure: Figure }) {
  const say = words()
  const change = changeOf(figure, figure.before ?? undefined, definition.unit)
  if (change === null) return <span class="muted">{say.noYearBefore}</span>
  const isGood =
    definition.better === null || change.direction === 'same'
      ? null
      : (change.direction === 'up') === (definition.better === 'higher')
  const arrow = { up: '▲', down: '▼', same: '=' }[change.direction]
  return (
    <span class={isGood === null ? 'muted' : isGood ? 'standing-better' : 'standing-worse'}>
      <span aria-hidden="true">{arrow}</span> <span class="unseen">{say[change.direction]} </span>
      {change.text} <span class="muted">{say.yearBefore}</span>
    </span>
  )
}

/** ⓘ: how a figure is computed, and what this one is made of. */
export function HowComputed({
  definition,
  figure,
}: {
  readonly definition: Definition
  readonly figure: FigureValue | undefined
}) {
  const isOpen = useSignal(false)
  const say = words()
  const { name } = wordsOf(definition)
  return (
    <>
      <button type="button" class="review-how" aria-label={say.howComputed(name)} onClick={() => (isOpen.value = true)}>
        ⓘ
      </button>
      {isOpen.value && (
        <Dialog title={name} onClose={() => (isOpen.value = false)}>
          <Explained definition={definition} figure={figure} />
        </Dialog>
      )}
    </>
  )
}

export function Explained({
  definition,
  figure,
}: {
  readonly definition: Definition
  readonly figure: FigureValue | undefined
}) {
  const say = words()
  const { formula, excludes, coverage, interval, unit } = wordsOf(definition)
  const rows = [
    [say.formula, formula],
    [say.excludes, excludes],
    [say.coverageOf, coverage],
    [say.interval, interval],
  ].filter(([, text]) => text !== '')
  return (
    <dl class="review-facts">
      {rows.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      <div>
        <dt>{say.thisFigure}</dt>
        <dd>{figure === undefined ? sharedWords().noData : figureSentence(definition, figure, unit)}</dd>
      </div>
    </dl>
  )
}

function figureSentence({ unit }: Definition, figure: FigureValue, unitText: string): string {
  const say = words()
  const { value, numerator, denominator, coverage } = figure
  const behind = say.counted(places(numerator), places(denominator))
  const said = value === null ? sharedWords().noData : valueText(value, unit)
  const isNamed = unit === 'per-elevator-year' || unit === 'per-100-elevators-month' || unit === 'points'
  const interval = intervalText(figure, unit)
  return [
    isNamed && value !== null ? `${said} ${unitText}` : said,
    ...(interval === '' ? [] : [`(${interval})`]),
    `· ${behind}`,
    ...(coverage === null ? [] : [`· ${say.coverage(valueText(coverage, 'share'))}`]),
  ].join(' ')
}

/** Hidden where it has nothing to say. */
export function MoreButton({ left, onClick }: { readonly left: number; readonly onClick: () => void }) {
  return left <= 0 ? null : <Button onClick={onClick}>{words().showMore(left)}</Button>
}

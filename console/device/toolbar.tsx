import { localDate, localTime, shanghai } from '../../core/local-time.ts'
import { serverNow } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import type { KeyRow } from '../shared/components/key-rows.tsx'
import { Keys } from '../shared/components/keys.tsx'
import { place, setQuery } from '../shared/router.ts'
import type { Drawn } from './chart-models.ts'
import { csvOf } from './csv.ts'
import type { Known } from './read.ts'
import { type RangeName, rangeNames, scaled, shifted, type TimeRange, zoomedTo } from './time-range.ts'
import { words } from './words.ts'

interface ToolbarProps {
  readonly known: Known
  readonly range: TimeRange
  readonly drawn: Drawn | null
  /** How many groups of curves are not shown at first. */
  readonly hidden: number
}

type Act = () => void

/** Which time, closer and farther, table and CSV: each a button, and a key that does the same. */
export function Toolbar({ known, range, drawn, hidden }: ToolbarProps) {
  const say = words()
  const { query } = place.value
  const isTable = query.get('view') === 'table'
  const showsAll = query.get('curves') === 'all'
  const to = (span: TimeRange['span']) => setQuery(zoomedTo(span))
  const acts: Readonly<Record<string, Act>> = {
    ...Object.fromEntries(rangeNames.map((name, index) => [String(index + 1), () => choose(name)])),
    '+': () => to(scaled(range.span, 0.5, serverNow())),
    '=': () => to(scaled(range.span, 0.5, serverNow())),
    '-': () => to(scaled(range.span, 2, serverNow())),
    ArrowLeft: () => to(shifted(range.span, -0.5, serverNow())),
    ArrowRight: () => to(shifted(range.span, 0.5, serverNow())),
    t: () => setQuery({ view: isTable ? null : 'table' }),
    c: () => drawn !== null && save(known, drawn),
    a: () => setQuery({ curves: showsAll ? null : 'all' }),
    Escape: () => choose('24h'),
  }
  const span = say.spanText(stamp(range.span.from), stamp(range.span.to))
  return (
    <div class="device-toolbar">
      <h2 id="curves-title">{say.curves}</h2>
      <fieldset class="button-row" aria-label={say.range}>
        {rangeNames.map((name, index) => (
          <Button key={name} pressed={range.name === name} shortcut={String(index + 1)} onClick={() => choose(name)}>
            {say.ranges[name]}
          </Button>
        ))}
      </fieldset>
      <fieldset class="button-row" aria-label={span}>
        <Button label={say.earlier} onClick={acts.ArrowLeft ?? none}>
          ←
        </Button>
        <Button label={say.zoomIn} onClick={acts['+'] ?? none}>
          +
        </Button>
        <Button label={say.zoomOut} onClick={acts['-'] ?? none}>
          −
        </Button>
        <Button label={say.later} disabled={range.name !== null} onClick={acts.ArrowRight ?? none}>
          →
        </Button>
      </fieldset>
      <div class="button-row">
        <Button shortcut="T" pressed={isTable} onClick={acts.t ?? none}>
          {say.table}
        </Button>
        <Button shortcut="C" disabled={drawn === null} onClick={acts.c ?? none}>
          {say.csv}
        </Button>
        {hidden > 0 && (
          <Button shortcut="A" pressed={showsAll} onClick={acts.a ?? none}>
            {showsAll ? say.fewerCurves : say.allCurves(hidden)}
          </Button>
        )}
        <Keys acts={acts} rows={keyRows()} />
      </div>
      <p class="device-span muted">
        {span} · {say.dragHint}
      </p>
    </div>
  )
}

const none = () => {}

function keyRows(): readonly KeyRow[] {
  const say = words()
  return [
    ['1 2 3 4', say.keysRanges],
    ['+ −', say.keysZoom],
    ['← →', say.keysMove],
    ['T', say.keysTable],
    ['C', say.keysCsv],
    ['A', say.keysAll],
    ['Esc', say.keysBack],
  ]
}

/** "11-29 07:12", today too. */
function stamp(at: number): string {
  return `${localDate(at, shanghai).slice(5)} ${localTime(at, shanghai)}`
}

function choose(name: RangeName): void {
  setQuery({ range: name, from: null, to: null, forecast: null })
}

/** What is drawn, as a file. A byte order mark tells spreadsheets that it is UTF-8. */
function save({ device }: Known, { windows, heard, past }: Drawn): void {
  const file = new Blob(['\ufeff', csvOf(windows, heard)], { type: 'text/csv;charset=utf-8' })
  const link = document.createElement('a')
  const day = (at: number) => new Date(at).toISOString().slice(0, 10)
  link.href = URL.createObjectURL(file)
  link.download = `${device.id}_${day(past.from)}_${day(past.to)}.csv`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

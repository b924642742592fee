import { type Signal, useSignal } from '@preact/signals'
import { localDate, shanghai } from '../../../core/local-time.ts'
import { get, request } from '../../shared/api.ts'
import { now } from '../../shared/clock.ts'
import { Button } from '../../shared/components/button.tsx'
import { LoadState, Undone, useDoing } from '../../shared/components/doing.tsx'
import { Field } from '../../shared/components/field.tsx'
import { Tick, Ticks } from '../../shared/components/tick.tsx'
import { listText } from '../../shared/language.ts'
import { useLoaded } from '../../shared/loaded.ts'
import { clockTime } from '../../shared/time.ts'
import type { Member } from '../../shared/wire.ts'
import type { Roster, RosterDocument, Shift } from '../wire.ts'
import { peopleWords } from './people-words.ts'
import { Swaps } from './swaps.tsx'
import { gapsOfWeek, rosterOf, weekOf } from './week.ts'

interface RosterPartProps {
  readonly teamId: string
  readonly members: readonly Member[]
  readonly onChange: () => Promise<void>
}

/** Who is on when, for seven days, with the gaps marked; and the shifts to change. */
export function RosterPart({ teamId, members, onChange }: RosterPartProps) {
  const { loaded, again } = useLoaded(() => get<Roster>(`/teams/${teamId}/roster`), { keys: [teamId] })
  const roster = loaded.value.value
  const changed = async () => {
    await Promise.all([again(), onChange()])
  }
  return (
    <>
      <LoadState of={loaded.value} />
      {roster !== null && roster.shifts.length > 0 && <Week roster={roster} members={members} />}
      {roster !== null && roster.shifts.length > 0 && members.length > 0 && (
        <Swaps key={`swaps-${roster.version}`} roster={roster} members={members} onChange={changed} />
      )}
      {roster !== null && <RosterForm key={roster.version} roster={roster} members={members} onChange={changed} />}
    </>
  )
}

function Week({ roster: sent, members }: { readonly roster: Roster; readonly members: readonly Member[] }) {
  const say = peopleWords()
  const roster = rosterOf(
    sent,
    members.map(({ id }) => id),
  )
  const nameOf = (id: string) => members.find((one) => one.id === id)?.name ?? id
  const gaps = gapsOfWeek(roster, now.value)
  return (
    <section aria-label={say.week}>
      <h3>{say.week}</h3>
      {gaps.length === 0 && <p class="good">✓ {say.noGap}</p>}
      {gaps.map(({ from, until }) => (
        <p key={from} class="wrong">
          ■ {say.gap(clockTime(from, now.value), clockTime(until, now.value))}
        </p>
      ))}
      <ol class="week">
        {weekOf(roster, now.value).map(({ date, weekday, parts }) => (
          <li key={date}>
            <span class="muted">
              {say.weekdays[weekday as 1]} {date}
            </span>
            <span class="day">
              {parts.map(({ from, until, memberIds, share }) => (
                <span
                  key={from}
                  class={memberIds.length === 0 ? 'part gap' : 'part'}
                  style={{ flexGrow: share, flexBasis: 0 }}
                  title={`${clockTime(from, now.value)}–${clockTime(until, now.value)}`}
                >
                  {memberIds.length === 0 ? `■ ${say.nobody}` : listText(memberIds.map(nameOf))}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ol>
    </section>
  )
}

const everyDay = [1, 2, 3, 4, 5, 6, 7] as const
type Weekday = (typeof everyDay)[number]
const added: Shift = { days: [...everyDay], from: '08:00', until: '20:00', memberIds: [] }

function RosterForm({ roster, members, onChange }: Omit<RosterPartProps, 'teamId'> & { readonly roster: Roster }) {
  const say = peopleWords()
  const doing = useDoing()
  const shifts = useSignal<readonly Shift[]>(roster.shifts)
  const holidays = useSignal<readonly string[]>(roster.holidays ?? [])
  const { teamId, version, swaps = [] } = roster

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    // sent as it was read but for what is here to change: whoever changed it meanwhile is not overwritten
    const body: RosterDocument = { version, shifts: [...shifts.value], swaps, holidays: [...holidays.value] }
    await doing.act(async () => {
      await request('PUT', `/teams/${teamId}/roster`, { body })
      await onChange()
    })
  }
  return (
    <details>
      <summary>
        {say.roster} {version > 0 && <span class="muted">{say.version(version)}</span>}
      </summary>
      <form class="fields wide" onSubmit={save}>
        <p class="muted">{say.rosterHint}</p>
        {shifts.value.map((_, index) => (
          // its place in the list is the only name that it has
          <ShiftFields key={index} shifts={shifts} index={index} members={members} />
        ))}
        <Holidays dates={holidays} />
        <div class="row">
          <Button onClick={() => (shifts.value = [...shifts.value, added])}>{say.addShift}</Button>
          <Button type="submit" look="main" busy={doing.isBusy}>
            {say.save}
          </Button>
        </div>
        <Undone doing={doing} />
      </form>
    </details>
  )
}

/** Dates on which other shifts hold; those that are over are kept, and not shown. */
function Holidays({ dates }: { readonly dates: Signal<readonly string[]> }) {
  const say = peopleWords()
  const next = useSignal('')
  const today = localDate(now.value, shanghai)
  const ahead = dates.value.filter((date) => date >= today)
  const add = () => {
    dates.value = [...new Set([...dates.value, next.value])].sort()
    next.value = ''
  }
  return (
    <fieldset>
      <legend>{say.holidays}</legend>
      <p class="muted">{say.holidaysHint}</p>
      <ul class="row dates">
        {ahead.length === 0 && <li class="muted">{say.noHolidays}</li>}
        {ahead.map((date) => (
          <li key={date}>
            {date}{' '}
            <Button
              look="link"
              label={say.takeHolidayOut(date)}
              onClick={() => (dates.value = dates.value.filter((other) => other !== date))}
            >
              ✕
            </Button>
          </li>
        ))}
      </ul>
      <div class="row">
        <Field label={say.addHoliday} value={next} type="date" />
        <Button onClick={add} disabled={next.value === ''}>
          {say.add}
        </Button>
      </div>
    </fieldset>
  )
}

interface ShiftFieldsProps {
  readonly shifts: Signal<readonly Shift[]>
  readonly index: number
  readonly members: readonly Member[]
}

function ShiftFields({ shifts, index, members }: ShiftFieldsProps) {
  const say = peopleWords()
  const shift = shifts.value[index] ?? added
  const set = (change: Partial<Shift>) => {
    shifts.value = shifts.value.map((one, at) => (at === index ? { ...one, ...change } : one))
  }
  return (
    <fieldset>
      <legend>{say.shift(index + 1)}</legend>
      <div class="row">
        <Ticks
          names={say.weekdays}
          all={everyDay}
          chosen={shift.days as Weekday[]}
          onChange={(days) => set({ days })}
        />
        <Tick
          label={say.onHolidays}
          isOn={shift.holidays ?? true}
          onTurn={() => set({ holidays: !(shift.holidays ?? true) })}
        />
      </div>
      <div class="row">
        <Field label={say.from} type="time" value={shift.from} onInput={(from) => set({ from })} required />
        <Field label={say.to} type="time" value={shift.until} onInput={(until) => set({ until })} required />
      </div>
      <div class="row">
        {say.who}:{' '}
        <Ticks
          names={Object.fromEntries(members.map(({ id, name }) => [id, name]))}
          all={members.map(({ id }) => id)}
          chosen={shift.memberIds}
          onChange={(memberIds) => set({ memberIds })}
        />
        <Button look="link" onClick={() => (shifts.value = shifts.value.filter((_, at) => at !== index))}>
          {say.removeShift}
        </Button>
      </div>
    </fieldset>
  )
}

import { type Signal, useSignal } from '@preact/signals'
import { get, request } from '../shared/api.ts'
import { now } from '../shared/clock.ts'
import { Button } from '../shared/components/button.tsx'
import { clockTime } from '../shared/time.ts'
import type { Member } from '../shared/wire.ts'
import { useLoaded } from './loaded.ts'
import { LoadState, Undone, useDoing } from './parts.tsx'
import { peopleWords } from './people-words.ts'
import { Swaps } from './swaps.tsx'
import { gapsOfWeek, rosterOf, weekOf } from './week.ts'
import type { Roster, RosterDocument, Shift } from './wire.ts'

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
                  {memberIds.length === 0 ? `■ ${say.nobody}` : memberIds.map(nameOf).join(', ')}
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
const added: Shift = { days: [...everyDay], from: '08:00', until: '20:00', memberIds: [] }

function RosterForm({ roster, members, onChange }: Omit<RosterPartProps, 'teamId'> & { readonly roster: Roster }) {
  const say = peopleWords()
  const doing = useDoing()
  const shifts = useSignal<readonly Shift[]>(roster.shifts)
  const { teamId, version, swaps = [], holidays = [] } = roster

  async function save(event: Event): Promise<void> {
    event.preventDefault()
    // sent as it was read but for the shifts: whoever changed it meanwhile is not overwritten
    const body: RosterDocument = { version, shifts: [...shifts.value], swaps, holidays }
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
  const turned = <Item,>(all: readonly Item[], one: Item) =>
    all.includes(one) ? all.filter((other) => other !== one) : [...all, one]
  return (
    <fieldset>
      <legend>{say.shift(index + 1)}</legend>
      <div class="row">
        {everyDay.map((day) => (
          <Check
            key={day}
            label={say.weekdays[day]}
            isOn={shift.days.includes(day)}
            onTurn={() => set({ days: turned(shift.days, day).sort() })}
          />
        ))}
      </div>
      <div class="row">
        <label class="field">
          {say.from}
          <input
            type="time"
            value={shift.from}
            required
            onInput={(event) => set({ from: event.currentTarget.value })}
          />
        </label>
        <label class="field">
          {say.to}
          <input
            type="time"
            value={shift.until}
            required
            onInput={(event) => set({ until: event.currentTarget.value })}
          />
        </label>
      </div>
      <div class="row">
        {say.who}:{' '}
        {members.map(({ id, name }) => (
          <Check
            key={id}
            label={name}
            isOn={shift.memberIds.includes(id)}
            onTurn={() => set({ memberIds: turned(shift.memberIds, id) })}
          />
        ))}
        <Button look="link" onClick={() => (shifts.value = shifts.value.filter((_, at) => at !== index))}>
          {say.removeShift}
        </Button>
      </div>
    </fieldset>
  )
}

interface CheckProps {
  readonly label: string
  readonly isOn: boolean
  readonly onTurn: () => void
}

function Check({ label, isOn, onTurn }: CheckProps) {
  return (
    <label class="tick">
      <input type="checkbox" checked={isOn} onChange={onTurn} /> {label}
    </label>
  )
}

import { secondMs } from '../../../core/clock.ts'
import { defineDetector, type Finding, type Tick } from '../../../core/detector.ts'
import { type ElevatorValues, elevatorTelemetry } from '../telemetry.ts'
import { codesOf } from './city-codes.ts'
import { answer, type Held, hold } from './held.ts'
import { type Motion, motionAfter, stands, unknownMotion } from './motion.ts'
import { isAtWork, type Service, serviceAfter, workCodeMs, workCodes } from './service.ts'

interface State {
  readonly service: Service
  /** When a code last said that people are at work, ms; 0 while none did. */
  readonly workAt: number
  /** It has been heard before: a button that is down in the very first reading may have been so for years. */
  readonly heard: boolean
  /** It has a contact for the button: the code cannot say then that the button is still down. */
  readonly told: boolean
  readonly down: boolean
  /** When it last went down, ms. */
  readonly downAt: number
  /** The last word on codes is the button's. */
  readonly coded: boolean
  /** When it went down, for a press that nothing has explained yet; 0 when there is none, ms. */
  readonly pressedAt: number
  readonly motion: Motion
  /** The last word on the door is that it opens or is open; null while there was none. */
  readonly open: boolean | null
  /** The last word of the presence sensor is that nobody is there. */
  readonly empty: boolean
  readonly held: Held | null
}

const defaults = {
  /** So long behind a door that does not open after the press. */
  waitSeconds: 15,
  /** With nobody seen inside, only a button that stays down for so long. */
  emptySeconds: 60,
  /** A press that was let go is remembered for so long. */
  rememberSeconds: 120,
  /** A code that comes so soon after the button went down tells of the same press. */
  sameSeconds: 60,
  clearSeconds: 60,
  faultCodes: codesOf('elevator/alarm-button'),
  workCodes,
}

type Settings = typeof defaults

/**
 * Someone presses the alarm button in a car that does not let them out.
 *
 * Filter    as EN 81-28 lets an alarm be filtered: a press is explained, and forgotten, when the door opens (or is seen to close
 *           again), and it waits while the car still rides. What is left is a car that stands, its door not open, for `waitSeconds`
 *           after the press, however short the press was
 * Press     the button went down while we watched: a button that was down in the first reading, or stays down after its press was
 *           explained, is stuck and says nothing more
 * Code      a press by the contact, by the city's code (`faultCodes`), or by both: within `sameSeconds` the code tells of the same press.
 *           Where there is no contact, the button is down for as long as the code stands
 * Nobody    where the presence sensor sees nobody, only a button held down for `emptySeconds`: a short in the wiring is shorter, and a
 *           sensor may be broken. An elevator that tells nothing of door and motion is believed by its button alone
 * Modes     `inspection`, `fire` and `firefighter` inhibit: who is in the car is at work. No other mode does. Where none was ever told, a code
 *           of `workCodes` does, for half an hour after it was said last
 * Input     `alarmButton`, `faultCode`; door, motion and presence where they are there; readings and ticks
 * Finding   urgent; evidence in seconds
 * Clears    when the door has opened, or the car has moved, for `clearSeconds`; of an elevator that tells of neither, when the button is up
 * Memory    seventeen small values, five more after a press
 * Source    EN 81-28:2018 for the filter, not checked against the paid text; the durations are unverified defaults
 */
export const alarmButton = defineDetector({
  id: 'elevator/alarm-button',
  about: {
    finds: 'Someone presses the alarm button in a car that does not let them out.',
    severities: ['urgent'],
    source: 'EN 81-28:2018 for the filter, not checked against the paid text; durations are unverified defaults',
    traps: [
      'a button that has been stuck for years',
      'a button that sticks after a press in normal service',
      'a child who presses and releases it on a ride',
      'a press while the door is open',
      'a press in a car whose door opens within 10 s',
      'the code of a press that the door has answered already',
      'a short spike from an empty car',
      'a mechanic who tests it in inspection mode',
    ],
  },
  lasts: 'waitSeconds',
  rising: [['waitSeconds', 'emptySeconds']],
  clears: true,
  reads: elevatorTelemetry.pick({}),
  mayRead: elevatorTelemetry.pick({
    mode: true,
    alarmButton: true,
    doorState: true,
    passengerPresent: true,
    carSpeedMps: true,
    brakeState: true,
    direction: true,
    floor: true,
    faultCode: true,
  }),
  ticks: true,
  settings: defaults,
  initial: {
    service: 0,
    workAt: 0,
    heard: false,
    told: false,
    down: false,
    downAt: 0,
    coded: false,
    pressedAt: 0,
    motion: unknownMotion,
    open: null,
    empty: false,
    held: null,
  } as State,

  step(state, input, settings) {
    if (!input.tick) return judge(state, hear(state, input, settings), input, settings)
    const idle = state.pressedAt === 0 && state.held === null
    return idle || !input.fresh ? { state } : judge(state, state, input, settings)
  },
})

type Said = ElevatorValues & { readonly at: number }

/** The last words; the same object when nothing is new. */
function hear(was: State, said: Said, settings: Settings): State {
  const { at, doorState } = said
  const word = serviceAfter(was.service, said, settings.workCodes)
  const workAt = word === 3 && said.faultCode !== undefined ? at : was.workAt
  const service = word === 3 && at - workAt > workCodeMs ? 0 : word
  const told = was.told || said.alarmButton !== undefined
  const byCode = told || said.faultCode === undefined ? undefined : settings.faultCodes.includes(said.faultCode)
  const down = said.alarmButton ?? byCode ?? was.down
  const goesDown = down && !was.down
  const downAt = goesDown ? at : was.downAt
  const coded = said.faultCode === undefined ? was.coded : settings.faultCodes.includes(said.faultCode)
  const byCodeOnly = told && coded && !was.coded && !down && at - downAt > settings.sameSeconds * secondMs
  const motion = motionAfter(was.motion, said)
  const open = doorState === undefined ? was.open : doorState === 'open' || doorState === 'opening'
  const empty = said.passengerPresent === undefined ? was.empty : !said.passengerPresent

  const pressed = was.heard && (goesDown || byCodeOnly)
  const explained = open === true || isAtWork(service) || (doorState === 'closing' && !pressed)
  const pressedAt = explained ? 0 : pressed ? at : was.pressedAt

  const sameButton = told === was.told && down === was.down && coded === was.coded && pressedAt === was.pressedAt
  const sameWords = service === was.service && workAt === was.workAt && sameButton
  const samePlace = motion === was.motion && open === was.open && empty === was.empty
  if (sameWords && samePlace && was.heard) return was
  const { held } = was
  return { service, workAt, heard: true, told, down, downAt, coded, pressedAt, motion, open, empty, held }
}

function judge(before: State, heard: State, { at }: Said | Tick, settings: Settings) {
  if (isAtWork(heard.service)) return { state: heard }

  const { down, pressedAt, motion, open, empty } = heard
  const standing = stands(motion, at)
  const waits = pressedAt > 0 && (down || at - pressedAt <= settings.rememberSeconds * secondMs) && standing !== false
  const blind = open === null && standing === undefined
  const free = open === true || standing === false || before.held?.calm === true || blind
  const goesOn = blind ? down : waits
  const holds = before.held?.raised ? (goesOn ? true : free ? false : undefined) : waits && (down || !empty)
  const seconds = empty ? settings.emptySeconds : settings.waitSeconds
  const held = hold(before.held, at, holds, seconds, settings.clearSeconds)

  const over = held === null && before.held?.raised === true
  const state = held === heard.held ? heard : { ...heard, held, pressedAt: over ? 0 : pressedAt }
  return answer(before, state, state.held?.raised && findingOf(state, state.held, at, seconds))
}

function findingOf({ down, open, empty, motion }: State, { since }: Held, at: number, limitSeconds: number): Finding {
  const waitingSeconds = Math.round((at - since) / secondMs)
  const behind = open === null ? '' : ' and the door has not opened'
  return {
    severity: 'urgent',
    summary: `The alarm button was pressed${behind} for ${waitingSeconds} s (limit ${limitSeconds} s)`,
    evidence: { waitingSeconds, limitSeconds, stillPressed: down, nobodySeen: empty, floor: motion.floor },
    since,
  }
}

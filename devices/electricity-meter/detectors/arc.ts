import { defineDetector } from '../../../core/detector.ts'
import { electricityMeterTelemetry } from '../telemetry.ts'

/**
 * An arc burns on the room's circuit: a broken wire, a loose contact, crushed insulation. It lights what is around it at a current that no
 * breaker minds.
 *
 * The detector in the box has judged each half-cycle; here only its count in the worst second matters. One reading is enough: a count of
 * so many half-cycles is no stray value, and the next second may be the last.
 *
 * Limit    `alarmHalfCycles` in one second. Up to 9 must not alarm (a switch, the brushes of a motor); 10 to 13 is left to the maker of a
 *          detector by the standards, and is not believed here
 * Input    `arcHalfCycles`, the largest count in any one second since the last reading; `amps`, A, for the evidence
 * Finding  critical; evidence in half-cycles
 * Clears   never by itself: the standard holds such an alarm until a person resets it, for an arc that pauses is not mended
 * Memory   none
 * Source   14 half-cycles in 1 s: GB 14287.4-2014; at most 9 must not alarm, and the alarm is held: GB 31252-2014, 4.3.4 and 4.3.1. Not
 *          checked against the paid standards
 */
export const arc = defineDetector({
  id: 'electricity-meter/arc',
  about: {
    finds: 'An arc burns on the room’s circuit.',
    severities: ['critical'],
    source:
      '14 half-cycles in 1 s: GB 14287.4-2014; at most 9 must not alarm, and the alarm is held until a person resets it: GB 31252-2014, 4.3.4 and 4.3.1',
    traps: [
      'a switch that bounces, 9 half-cycles',
      'a vacuum cleaner whose brushes spark second after second',
      'a count that lies between the standards, 13 half-cycles',
    ],
  },
  reads: electricityMeterTelemetry.pick({ arcHalfCycles: true }),
  mayRead: electricityMeterTelemetry.pick({ amps: true }),
  bounds: { alarmHalfCycles: [10, 20] },
  settings: { alarmHalfCycles: 14 },
  initial: null,

  step(state, { arcHalfCycles, amps }, { alarmHalfCycles }) {
    if (arcHalfCycles < alarmHalfCycles) return { state }
    return {
      state,
      finding: {
        severity: 'critical',
        summary: `An arc burns: ${arcHalfCycles} half-cycles within one second (alarm from ${alarmHalfCycles})`,
        evidence: { arcHalfCycles, alarmHalfCycles, amps: amps ?? null },
      },
    }
  },
})

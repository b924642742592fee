import { z } from 'zod'
import { minuteMs, secondMs } from '../core/clock.ts'
import { defineDetector } from '../core/detector.ts'
import type { DeviceKind } from '../devices/kind.ts'

const telemetry = z
  .strictObject({
    smokePercentPerM: z.number().min(0).max(100),
    batteryVolts: z.number().min(0).max(12),
    testButton: z.boolean(),
    state: z.enum(['ready', 'alarm', 'fault']),
    label: z.string().min(1).max(16),
    beeps: z.int().min(0).max(1_000_000),
  })
  .partial()

/** Smoke now: urgent from 5 %/m, critical from 20 %/m, over below 2 %/m. */
export const smoke = defineDetector({
  id: 'smoke-detector/smoke',
  reads: telemetry.pick({ smokePercentPerM: true }),
  clears: true,
  settings: { urgentPercentPerM: 5, criticalPercentPerM: 20, overPercentPerM: 2 },
  initial: { since: null as number | null },
  step(state, { at, smokePercentPerM }, settings) {
    if (smokePercentPerM < settings.overPercentPerM) {
      return state.since === null ? { state } : { state: { since: null }, cleared: true as const }
    }
    if (state.since === null && smokePercentPerM < settings.urgentPercentPerM) return { state }
    const since = state.since ?? at
    return {
      state: { since },
      finding: {
        severity: smokePercentPerM >= settings.criticalPercentPerM ? 'critical' : 'urgent',
        summary: `Smoke of ${smokePercentPerM} %/m`,
        evidence: { smokePercentPerM },
        since,
      },
    }
  },
})

/** A weak battery is a planned visit; a critical one may be found in old data too. */
export const weakBattery = defineDetector({
  id: 'smoke-detector/weak-battery',
  reads: telemetry.pick({ batteryVolts: true }),
  clears: true,
  settings: { lowVolts: 2.6, deadVolts: 2 },
  initial: { weak: false },
  step(state, { batteryVolts }, settings) {
    if (batteryVolts >= settings.lowVolts) {
      return state.weak ? { state: { weak: false }, cleared: true as const } : { state }
    }
    const severity = batteryVolts < settings.deadVolts ? 'urgent' : 'warning'
    return {
      state: { weak: true },
      finding: { severity, summary: `The battery has ${batteryVolts} V`, evidence: { batteryVolts } },
    }
  },
})

/** Someone holds the button for 30 s: a duration, which ticks may complete while the last sample is fresh. */
export const buttonHeld = defineDetector({
  id: 'smoke-detector/button-held',
  reads: telemetry.pick({ testButton: true }),
  ticks: true,
  clears: true,
  settings: { heldSeconds: 30 },
  initial: { since: null as number | null },
  step(state, input, settings) {
    if (!input.tick && !input.testButton)
      return { state: { since: null }, ...(state.since && { cleared: true as const }) }
    const since = state.since ?? (input.tick ? null : input.at)
    if (since === null || (input.tick && !input.fresh)) return { state }
    const heldSeconds = (input.at - since) / secondMs
    if (heldSeconds < settings.heldSeconds) return { state: { since } }
    return {
      state: { since },
      finding: { severity: 'urgent', summary: 'The button is held', evidence: { heldSeconds }, since },
    }
  },
})

/** Nothing heard for 10 minutes. */
export const silent = defineDetector({
  id: 'smoke-detector/silent',
  reads: z.object({}),
  mayRead: telemetry,
  ticks: true,
  clears: true,
  settings: { afterMinutes: 10 },
  initial: { silent: false },
  step(state, input, settings) {
    if (!input.tick) return { state: { silent: false }, ...(state.silent && { cleared: true as const }) }
    const silentMs = input.at - input.lastReadingAt
    if (silentMs <= settings.afterMinutes * minuteMs) return { state }
    return {
      state: { silent: true },
      finding: { severity: 'info', summary: 'Nothing heard', evidence: { silentMs }, since: input.lastReadingAt },
    }
  },
})

/** Never clears by itself, and needs to know its room. */
export const chirping = defineDetector({
  id: 'smoke-detector/chirping',
  reads: telemetry.pick({ beeps: true }),
  needs: ['room'],
  settings: { most: 100 },
  initial: { beeps: 0 },
  step(state, { beeps }, settings, facts: { room?: string }) {
    const sum = state.beeps + beeps
    if (sum < settings.most) return { state: { beeps: sum } }
    return {
      state: { beeps: 0 },
      finding: { severity: 'warning', summary: `It chirps in ${facts.room}`, evidence: { beeps: sum } },
    }
  },
})

/** A third kind of device, for tests: all that the service knows of smoke detectors. */
export const smokeDetector: DeviceKind = {
  id: 'smoke-detector',
  title: { en: 'Smoke detector', 'zh-CN': '烟感' },
  telemetry,
  facts: z.strictObject({ room: z.string() }).partial(),
  factDefaults: {},
  freshSeconds: 90,
  detectors: [smoke, weakBattery, buttonHeld, silent, chirping],
  simulator: { faults: {}, create: () => ({ step: () => ({}), inject: () => undefined }) },
  dashboard: [],
}

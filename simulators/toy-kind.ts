import { z } from 'zod'
import type { DeviceKind } from '../devices/kind.ts'

/** A smoke detector, for tests: simple enough that every value can be told beforehand. */
export const smokeDetector: DeviceKind = {
  id: 'smoke-detector',
  title: { en: 'Smoke detector', 'zh-CN': '烟雾探测器' },
  telemetry: z.strictObject({ smokePercent: z.number(), batteryVolts: z.number() }).partial(),
  facts: z.strictObject({ batteryVolts: z.number() }).partial(),
  factDefaults: { batteryVolts: 3 },
  freshSeconds: 90,
  detectors: [],
  dashboard: [],
  simulator: {
    faults: { smoke: 'smoke-detector/smoke', 'flat-battery': 'smoke-detector/battery' },
    create({ random, facts }) {
      let fault: string | undefined
      const usualVolts = (facts as { batteryVolts: number }).batteryVolts
      return {
        step: () => ({
          smokePercent: random() + (fault === 'smoke' ? 50 : 0),
          batteryVolts: fault === 'flat-battery' ? 1 : usualVolts,
        }),
        inject(next) {
          fault = next
        },
      }
    },
  },
}

import { secondMs } from '../core/clock.ts'
import type { GuardLimits } from './guard.ts'

/** What the MQTT door bears. The packet sizes are documented in docs/mqtt.md; the others are unverified defaults. */
export const guardLimits: GuardLimits = {
  maxBytesBeforeConnack: 4 * 1024,
  maxBytes: 64 * 1024,
  connectDeadlineMs: 10 * secondMs,
  authenticateDeadlineMs: 15 * secondMs,
  maxUnauthenticated: 1_000,
  maxConnections: 50_000,
  maxKeepaliveSeconds: 300,
}

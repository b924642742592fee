import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type QuarantineReason, quarantineReasons } from '../core/quarantine.ts'
import type { RightsBreach } from './authorize.ts'
import type { BreachCode } from './frames.ts'

type DoorReason = BreachCode | RightsBreach['reason'] | 'wrong-credentials' | 'wrong-client-id' | 'revoked'

/** A record, so that the compiler misses what is added there and not here. */
const ofTheDoor = {
  'packet-too-large': true,
  'malformed-packet': true,
  'protocol-violation': true,
  'unsupported-protocol-level': true,
  'connect-deadline': true,
  'authenticate-deadline': true,
  'keepalive-timeout': true,
  'too-many-connections': true,
  'too-many-unauthenticated': true,
  'foreign-topic': true,
  'wrong-topic': true,
  'qos-2': true,
  'foreign-will': true,
  'foreign-subscription': true,
  'wrong-credentials': true,
  'wrong-client-id': true,
  revoked: true,
} satisfies Record<DoorReason, true>

test('gateway makers find every reason why something is refused or put into quarantine', () => {
  const page = readFileSync(new URL('../docs/mqtt.md', import.meta.url), 'utf8')
  const reasons: (DoorReason | QuarantineReason)[] = [...(Object.keys(ofTheDoor) as DoorReason[]), ...quarantineReasons]
  expect(reasons.filter((reason) => !page.includes(`\`${reason}\``))).toEqual([])
})

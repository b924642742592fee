import { defineSilent } from '../../silence.ts'
import { elevatorTelemetry, freshSeconds } from '../telemetry.ts'

/** The elevator has sent nothing for a quarter of an hour: nobody would learn that someone is trapped. */
export const elevatorSilent = defineSilent({ id: 'elevator/silent', telemetry: elevatorTelemetry, freshSeconds })

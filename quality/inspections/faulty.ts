import { ExpectedError } from '../../core/errors.ts'
import type { Fault } from './score.ts'

/** Everything that is wrong or missing, by its path in what was given. */
export class Faulty extends ExpectedError {
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[], code: 'invalid' | 'order-state' = 'invalid') {
    super(code, faults.map(({ path, message }) => `${path}: ${message}`).join('; '))
    this.name = 'Faulty'
    this.faults = faults
  }
}

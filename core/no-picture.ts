import { ExpectedError } from './errors.ts'

/** Bytes that were sent as a picture and are none. The path says to a program what the sentence says to a person. */
export class NoPicture extends ExpectedError {
  readonly faults = [{ path: 'picture', message: 'is no JPEG, PNG or WebP' }]

  constructor() {
    super('invalid', 'The bytes are no JPEG, PNG or WebP picture')
  }
}

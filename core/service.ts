/** A part of the process that runs until it is stopped. It holds nothing back: after `stop` resolves, it is at rest. */
export interface Service {
  readonly name: string
  /** Takes nothing new, finishes what it has, releases what it holds. Called once. */
  stop(): Promise<void>
}

/** Where analytics stood in the journal, and what it knew then. Values are JSON text. */
export interface Snapshot {
  readonly journalId: string
  /** Everything before it is in the snapshot, nothing from it on. */
  readonly position: number
  readonly entries: ReadonlyMap<string, string>
}

export interface SnapshotStore {
  /** The last complete snapshot; undefined when there is none. */
  load(): Promise<Snapshot | undefined>
  /**
   * Replaces the given entries, takes out those whose text is empty, and moves the position, all or nothing, durable when it resolves.
   * @throws {StoreUnavailable}
   */
  save(changes: Snapshot): Promise<void>
  close(): Promise<void>
}

import type { Snapshot, SnapshotStore } from './port.ts'

export function memorySnapshots(): SnapshotStore {
  let snapshot: Snapshot | undefined
  return {
    load: async () => snapshot,
    async save({ entries, ...mark }) {
      const all = [...new Map([...(snapshot?.entries ?? []), ...entries])]
      snapshot = { ...mark, entries: new Map(all.filter(([, text]) => text !== '')) }
    },
    close: async () => {},
  }
}

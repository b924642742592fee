/** Bytes by their own hash: written once, never changed. */
export interface EvidenceStore {
  /**
   * Resolves once they are on disk under their hash; writing the same bytes again changes nothing.
   * @throws {StoreUnavailable}
   */
  put(content: Uint8Array): Promise<{ sha256: string; bytes: number }>
  /**
   * The bytes as they lie there, whether or not they still have that hash: the caller compares. Undefined when there are none.
   * @throws {StoreUnavailable}
   */
  get(sha256: string): Promise<Uint8Array | undefined>
  /**
   * For good: a person is to be forgotten. What is not there is gone already.
   * @throws {StoreUnavailable}
   */
  remove(sha256: string): Promise<void>
}

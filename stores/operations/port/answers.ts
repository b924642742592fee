/** A request that came with an Idempotency-Key. */
export interface KeyedRequest {
  /** SHA-256 of who asked, for what and with which key; hex. */
  readonly id: string
  /** For people who look into the database. */
  readonly actor: string
  readonly route: string
  /** Of all else that was said, under a secret: what was said cannot be guessed from it. */
  readonly fingerprint: string
  readonly claimedAt: number
}

/** What it was answered. */
export interface KeptAnswer {
  readonly status: number
  /** The body as it was sent; null = none, or one that is shown once only. */
  readonly body: string | null
  readonly location: string | null
}

export interface KeptRequest extends Pick<KeyedRequest, 'fingerprint' | 'claimedAt'> {
  /** Null = it is being done, or whoever did it broke off. */
  readonly answer: KeptAnswer | null
}

/** The first answer to each Idempotency-Key, for a time. */
export interface AnswerTables {
  /**
   * Nobody else has this key from now on; what stands there from before `forgottenBefore` is gone, and so is what was claimed
   * before `abandonedBefore` (null = never) and not answered.
   * @returns what stands there instead, when it was not free
   */
  claimKey(
    request: KeyedRequest,
    since: { readonly forgottenBefore: number; readonly abandonedBefore: number | null },
  ): Promise<KeptRequest | undefined>
  /** Nothing happens when somebody else has claimed it since. */
  keepAnswer(request: KeyedRequest, answer: KeptAnswer): Promise<void>
  /** It was refused: the same key may try again. */
  freeKey(request: KeyedRequest): Promise<void>
  deleteKeysBefore(claimedAt: number): Promise<number>
}

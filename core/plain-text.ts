/** Embeddings, overrides and isolates (Unicode UAX #9): they turn around what stands beside a text, also in another's line. */
const directions = /[\u202a-\u202e\u2066-\u2069]/g
/** Neither a control, a separator, a mark without its letter nor one of the letters that are drawn as nothing. */
const visible = /[^\p{Cc}\p{Cf}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u

/** For a line that is joined of several texts, of which some may be older than `plainText`. */
export function withoutDirections(text: string): string {
  return text.replace(directions, '')
}

/** What people wrote, as it may stand in a line beside other texts; '' when nothing of it can be seen. Half a surrogate pair becomes U+FFFD. */
export function plainText(text: string): string {
  const plain = withoutDirections(text.toWellFormed())
  return visible.test(plain) ? plain : ''
}

/** Whether every word of a text is somewhere in what is said, whatever the spaces and the case: "12幢" finds "12 幢". */
export function isSought(text: string, said: readonly (string | null)[]): boolean {
  const all = squeezed(said.filter((one) => one !== null).join(' '))
  return text.split(/\s+/).every((word) => all.includes(squeezed(word)))
}

function squeezed(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')
}

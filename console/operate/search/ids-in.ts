/** Ids as people write them down, with commas or spaces of either language between them. */
export function idsIn(text: string): string[] {
  return text.split(/[\s,，、]+/).filter((id) => id !== '')
}

/** Whether a key that is pressed there is a letter of somebody's text, or a choice of theirs. */
export function isTyping(target: EventTarget | null): boolean {
  const { tagName = '', isContentEditable = false } = (target ?? {}) as Partial<HTMLElement>
  return isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(tagName)
}

/** "1,250.50" as 125050 fen; null where it is no amount in yuan. */
export function fenOf(text: string): number | null {
  const plain = text.replace(/[,，\s¥￥]/g, '')
  if (!/^\d{1,10}(?:\.\d{1,2})?$/.test(plain)) return null
  const [yuan = '0', part = ''] = plain.split('.')
  return Number(yuan) * 100 + Number(part.padEnd(2, '0'))
}

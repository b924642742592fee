/** Why a list is empty, and what would fill it. */
export function EmptyState({ title, hint }: { readonly title: string; readonly hint: string }) {
  return (
    <div class="empty-state">
      <p>{title}</p>
      <p class="muted">{hint}</p>
    </div>
  )
}

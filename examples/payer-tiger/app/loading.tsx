export default function Loading() {
  return (
    <div role="status">
      <span className="visually-hidden">Loading …</span>
      <div className="page-head" aria-hidden="true">
        <span className="skeleton" style={{ height: '2.75rem', width: '70%' }} />
        <span className="skeleton" style={{ height: '1.25rem', width: '90%' }} />
      </div>
      <div className="grid" aria-hidden="true">
        {['a', 'b', 'c'].map((key) => (
          <span key={key} className="skeleton" style={{ height: '19rem', borderRadius: 'var(--radius)' }} />
        ))}
      </div>
    </div>
  )
}

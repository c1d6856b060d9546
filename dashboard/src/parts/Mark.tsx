/** The sign of Hashwatt: a hash mark and a bolt. */
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M7 2 5 18M14 2l-2 16M2.5 7h15M2 13h15" stroke="var(--ink3)" strokeWidth="1.6" fill="none" />
      <path d="M11.5 3 6.5 11h4l-2 6 6-9h-4z" fill="var(--warn)" />
    </svg>
  );
}

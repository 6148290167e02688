import { CircleAlert } from 'lucide-react'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Refusal } from '../../core/errors.ts'
import { withoutFlags } from '../format.ts'

type EmptyStateProps = { icon: LucideIcon; title: string; children: ReactNode; action?: ReactNode }

/** What this is, why it is empty, and the one button that changes it. */
export function EmptyState({ icon: Icon, title, children, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <Icon size={28} strokeWidth={1.25} aria-hidden />
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** What happened, why, what now. */
export function RefusalNote({ refusal, action }: { refusal: Refusal; action?: ReactNode }) {
  return (
    <div className="refusal-note" role="alert">
      <CircleAlert size={16} aria-hidden />
      <div>
        <p className="refusal-message">{refusal.message}</p>
        <p className="refusal-remedy">{withoutFlags(refusal.remedy)}</p>
        {action}
      </div>
    </div>
  )
}

/** Stands where something will be, at its size. */
export function Skeleton({ className = '' }: { className?: string }) {
  return <span className={`skeleton ${className}`} aria-hidden />
}

export function SkeletonLines({ count }: { count: number }) {
  return (
    <div className="skeleton-lines" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} />
      ))}
    </div>
  )
}

type ProgressProps = { label: string; done: number; total: number; words?: string; tone?: 'accent' | 'quiet' }

export function Progress({ label, done, total, words, tone = 'accent' }: ProgressProps) {
  const percent = total > 0 ? Math.min(100, (100 * done) / total) : 0
  return (
    <div
      className={`progress progress-${tone}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      {...(words ? { 'aria-valuetext': words } : {})}
    >
      <span style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  )
}

/** A name and its value, in a list of facts. */
export function Facts({
  facts,
  inWords = false,
}: {
  facts: readonly (readonly [string, ReactNode])[]
  inWords?: boolean
}) {
  return (
    <dl className={inWords ? 'facts facts-words' : 'facts'}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string
  aside?: ReactNode
  children: ReactNode
}) {
  return (
    <section className="section">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

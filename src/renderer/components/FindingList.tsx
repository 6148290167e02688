import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { withoutFlags } from '../format.ts'
import type { Finding } from '../stores/data.ts'
import { Section } from './States.tsx'

const icons = { error: CircleAlert, warning: TriangleAlert, note: Info }

type FindingListProps = {
  findings: readonly Finding[]
  empty: string
  title?: string
  /** What follows the remedy: the button that applies it. */
  actionFor?: (finding: Finding) => ReactNode
}

/** What is worth saying, with what to do about it. */
export function FindingList({ findings, empty, title = 'Findings', actionFor }: FindingListProps) {
  return (
    <Section
      title={title}
      aside={findings.length > 0 ? <span className="badge">{findings.length}</span> : null}
    >
      {findings.length === 0 ? (
        <p className="finding finding-none">
          <CircleCheck size={16} aria-hidden />
          {empty}
        </p>
      ) : null}
      <ul className="findings">
        {findings.map((finding, index) => {
          const { level, code, message, remedy, file } = finding
          const Icon = icons[level]
          return (
            <li key={`${code} ${file?.id ?? ''} ${index}`} className={`finding finding-${level}`}>
              <Icon size={16} aria-hidden />
              <div>
                <p className="refusal-message">{message}</p>
                <p className="refusal-remedy">{withoutFlags(remedy)}</p>
                {actionFor?.(finding)}
              </div>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}

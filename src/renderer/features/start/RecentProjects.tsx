import { Images, X } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components'
import { useStore } from 'zustand'
import { IconButton } from '../../components/Button.tsx'
import { Picture } from '../../components/Picture.tsx'
import { RefusalNote, Skeleton } from '../../components/States.tsx'
import { forgetRecent, openProject, startStore } from '../../stores/start.ts'
import type { Recent } from '../../stores/start.ts'

function RecentCard({ recent }: { recent: Recent }) {
  const { folder, name, cover, missing } = recent
  return (
    <li className={`card${missing ? ' card-missing' : ''}`}>
      <AriaButton
        className="card-button"
        onPress={() => void openProject(folder)}
        isDisabled={missing}
        aria-label={missing ? `${name}, not found` : `Open ${name}`}
      >
        <span className="card-cover">
          {cover && !missing ? (
            <Picture file={cover} alt="" sidePx={480} />
          ) : (
            <Images size={28} strokeWidth={1.25} aria-hidden />
          )}
        </span>
        <span className="card-name">{name}</span>
        <span className="card-note">
          {missing ? 'Not found: moved or deleted' : folder.name === name ? 'Project' : folder.name}
        </span>
      </AriaButton>
      <span className="card-action">
        <IconButton label={`Forget ${name}`} icon={X} onPress={() => void forgetRecent(folder)} />
      </span>
    </li>
  )
}

export function RecentProjects() {
  const recent = useStore(startStore, (state) => state.recent)
  if (recent.status === 'failed') return <RefusalNote refusal={recent.refusal} />
  if (recent.status === 'ready' && recent.value.length === 0) return null
  return (
    <section className="start-section">
      <h2>Recent projects</h2>
      <ul className="cards">
        {recent.status === 'ready'
          ? recent.value
              .slice(0, 10)
              .map((project) => <RecentCard key={project.folder.id} recent={project} />)
          : [0, 1, 2, 3, 4].map((index) => (
              <li key={index} className="card">
                <Skeleton className="card-cover" />
                <Skeleton className="skeleton-line" />
              </li>
            ))}
      </ul>
    </section>
  )
}

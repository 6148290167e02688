import { X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { ask } from '../../bridge.ts'
import { IconButton } from '../../components/Button.tsx'
import { Markdown } from '../../components/Markdown.tsx'
import { RefusalNote, SkeletonLines } from '../../components/States.tsx'
import { useKeys } from '../../components/useKeys.ts'
import { idle, load } from '../../stores/loadable.ts'
import type { Loadable } from '../../stores/loadable.ts'
import { shellStore, showAside } from '../../stores/shell.ts'
import { shortcuts } from './shortcuts.ts'

function Guide() {
  const [guide, setGuide] = useState<Loadable<{ markdown: string }>>(idle)
  useEffect(() => {
    void load(() => ask('app:guide', {}), setGuide)
  }, [])
  if (guide.status === 'failed') return <RefusalNote refusal={guide.refusal} />
  return guide.status === 'ready' ? <Markdown text={guide.value.markdown} /> : <SkeletonLines count={8} />
}

function Shortcuts() {
  return shortcuts.map(({ title, keys }) => (
    <section key={title} className="shortcuts">
      <h3>{title}</h3>
      <dl>
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>{what}</dt>
            <dd>
              {key.split(' ').map((part) => (
                <kbd key={part}>{part}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  ))
}

/** Help beside the work, never over it. */
export function HelpPanel() {
  const aside = useStore(shellStore, (state) => state.aside)
  useKeys({ Escape: () => shellStore.setState({ aside: 'none' }) })
  if (aside === 'none') return null
  const title = aside === 'guide' ? 'Guide' : 'Keyboard shortcuts'
  return (
    <aside className="help-panel" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <IconButton label="Close help" icon={X} onPress={() => showAside(aside)} />
      </header>
      <div className="help-body" tabIndex={0} role="region" aria-label={`${title}, text`}>
        {aside === 'guide' ? <Guide /> : <Shortcuts />}
      </div>
    </aside>
  )
}

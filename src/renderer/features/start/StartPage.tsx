import { FolderOpen } from 'lucide-react'
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { shellStore } from '../../stores/shell.ts'
import { chooseProject, loadStart } from '../../stores/start.ts'
import { OwnPictures } from './OwnPictures.tsx'
import { RecentProjects } from './RecentProjects.tsx'
import { Samples } from './Samples.tsx'
import { TryModel } from './TryModel.tsx'

/** The first page: go on where one was, or have a first result within a minute. */
export function StartPage() {
  const info = useStore(shellStore, (state) => state.info)
  const opening = useStore(shellStore, (state) => state.opening)
  useEffect(loadStart, [])
  return (
    <main className="start" aria-busy={opening}>
      <div className="start-column">
        <header className="start-head">
          <div>
            <h1>Diptych</h1>
            <p>
              Teach a model the way from one picture to another, on this computer, with your own pictures.
            </p>
          </div>
          <Button icon={FolderOpen} onPress={() => void chooseProject()} isDisabled={opening}>
            Open a project
          </Button>
        </header>
        <RecentProjects />
        <TryModel />
        <OwnPictures />
        <Samples />
        <footer className="start-foot">
          {info ? `Version ${info.version}. ` : ''}Everything stays on this computer.
          {info?.endOfLifeRuntime ? ' This window runs on an old Electron, meant for tests only.' : ''}
        </footer>
      </div>
    </main>
  )
}

import { RotateCcw, TriangleAlert } from 'lucide-react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { jobsStore } from '../../stores/jobs.ts'
import type { Job } from '../../stores/jobs.ts'
import { resumeRun } from '../../stores/runs.ts'
import { goTo, restartEngine, shellStore } from '../../stores/shell.ts'

/** The training that the crash ended, unless it goes on already. */
function lostTraining(jobs: Readonly<Record<string, Job>>): Job | undefined {
  const ordered = Object.values(jobs).filter(({ kind }) => kind === 'train')
  const last = ordered.at(-1)
  return last?.state === 'lost' ? last : undefined
}

/** A crash of the engine in plain words, and the one button that puts it right. The window itself never goes down with it. */
export function EngineBanner() {
  const engine = useStore(shellStore, (state) => state.engine)
  const project = useStore(shellStore, (state) => state.project)
  const lost = useStore(jobsStore, ({ jobs }) => lostTraining(jobs))
  const isDown = engine !== null && ['crashed', 'gave-up', 'stopped'].includes(engine.state)
  const isBack = engine?.state === 'ready'
  if (!isDown && !(lost && engine)) return null
  const resume = () => {
    if (!project || !lost?.run) return
    goTo('train')
    void resumeRun(project.folder, lost.run)
  }
  return (
    <div className="banner" role="alert">
      <TriangleAlert size={20} aria-hidden />
      <div className="banner-words">
        <p className="refusal-message">
          {isDown
            ? engine.message || 'The engine stopped unexpectedly.'
            : 'The engine stopped unexpectedly and was started again.'}
        </p>
        <p className="refusal-remedy">
          {lost
            ? 'Training stopped with it. Nothing that was saved is lost: it goes on from its last saved state.'
            : engine?.remedy}
        </p>
      </div>
      {lost && project && !isDown ? (
        <Button variant="primary" icon={RotateCcw} onPress={resume} isDisabled={!isBack}>
          {isBack ? 'Resume the run' : 'Starting the engine'}
        </Button>
      ) : null}
      {isDown ? (
        <Button icon={RotateCcw} onPress={() => void restartEngine()}>
          Restart the engine
        </Button>
      ) : null}
    </div>
  )
}

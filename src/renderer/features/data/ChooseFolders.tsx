import { useState } from 'react'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { DataChoiceForm } from '../../components/DataChoiceForm.tsx'
import { isComplete, noChoice } from '../../stores/choosing.ts'
import type { DataChoice } from '../../stores/choosing.ts'
import { dataStore } from '../../stores/data.ts'
import { shellStore } from '../../stores/shell.ts'
import { changeData } from '../../stores/start.ts'

/** Which folders the project's pictures come from. The pictures stay where they are. */
export function ChooseFolders({ reason, canCancel }: { reason: string; canCancel: boolean }) {
  const opening = useStore(shellStore, (state) => state.opening)
  const kind = useStore(shellStore, ({ project }) => project?.project.dataset?.kind)
  const [choice, setChoice] = useState<DataChoice>({ ...noChoice, kind: kind ?? noChoice.kind })
  return (
    <div className="choose-folders">
      <div className="choose-folders-column">
        <h2>Where the pictures come from</h2>
        <p>{reason}</p>
        <DataChoiceForm choice={choice} onChange={setChoice} />
        <div className="button-row">
          <Button
            variant="primary"
            onPress={() => void changeData(choice)}
            isDisabled={!isComplete(choice) || opening}
          >
            Use these pictures
          </Button>
          {canCancel ? (
            <Button variant="quiet" onPress={() => dataStore.setState({ choosing: false })}>
              Cancel
            </Button>
          ) : null}
        </div>
      </div>
    </div>
  )
}

import { useState } from 'react'
import { Input, Label, TextField } from 'react-aria-components'
import { useStore } from 'zustand'
import { Button } from '../../components/Button.tsx'
import { DataChoiceForm } from '../../components/DataChoiceForm.tsx'
import { isComplete, noChoice, offerName } from '../../stores/choosing.ts'
import { shellStore } from '../../stores/shell.ts'
import { createFromData } from '../../stores/start.ts'

/** A person's own folders become a project. */
export function OwnPictures() {
  const opening = useStore(shellStore, (state) => state.opening)
  const [choice, setChoice] = useState(noChoice)
  const [typed, setTyped] = useState<string | null>(null)
  const name = typed ?? offerName(choice)
  const create = () => void createFromData(name.trim(), choice)
  return (
    <section className="start-section">
      <h2>Start with your own pictures</h2>
      <p>What do you have? Your pictures stay where they are and are never changed.</p>
      <DataChoiceForm choice={choice} onChange={setChoice} />
      <div className="folder-create">
        <TextField className="name-field" value={name} onChange={setTyped} maxLength={200}>
          <Label>Name</Label>
          <Input className="field-box field-input" placeholder="What it is about" />
        </TextField>
        <Button
          variant="primary"
          onPress={create}
          isDisabled={!isComplete(choice) || !name.trim() || opening}
        >
          Create the project
        </Button>
      </div>
    </section>
  )
}

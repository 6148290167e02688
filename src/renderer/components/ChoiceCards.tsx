import { Radio, RadioGroup } from 'react-aria-components'

type Card<Id extends string> = { id: Id; title: string; words: string }

type ChoiceCardsProps<Id extends string> = {
  label: string
  cards: readonly Card<Id>[]
  value: Id | null
  onChange: (id: Id) => void
  isDisabled?: boolean
}

/** One of a few that need a sentence each: all in sight, chosen with a click or the arrow keys. */
export function ChoiceCards<Id extends string>({
  label,
  cards,
  value,
  onChange,
  isDisabled = false,
}: ChoiceCardsProps<Id>) {
  return (
    <RadioGroup
      className={`choice-cards choice-cards-${cards.length}`}
      aria-label={label}
      value={value}
      isDisabled={isDisabled}
      onChange={(id) => {
        const chosen = cards.find((card) => card.id === id)
        if (chosen) onChange(chosen.id)
      }}
    >
      {cards.map(({ id, title, words }) => (
        <Radio key={id} value={id} className="choice-card">
          <span className="choice-card-title">{title}</span>
          <span className="choice-card-words">{words}</span>
        </Radio>
      ))}
    </RadioGroup>
  )
}

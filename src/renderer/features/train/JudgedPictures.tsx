import { useState } from 'react'
import { verdictInWords } from '../../../core/judging/scores.ts'
import { Picture } from '../../components/Picture.tsx'
import { PickList } from '../../components/PickList.tsx'
import { Segments } from '../../components/Segments.tsx'
import { RefusalNote } from '../../components/States.tsx'
import { formatScore } from '../../format.ts'
import type { AskedPicture, Choosing } from '../../stores/judging.ts'

const faces = [
  { id: 'over', label: 'Map over it' },
  { id: 'picture', label: 'Picture' },
  { id: 'map', label: 'Map' },
] as const
type Face = (typeof faces)[number]['id']

const SIDE_PX = 512

function OnePicture({ opinion }: { opinion: AskedPicture }) {
  const [face, setFace] = useState<Face>('over')
  const { seen, heat, name, map } = opinion
  if (!seen) return null
  const shown = heat === null ? 'picture' : face
  return (
    <>
      <div className={`verdict-picture verdict-face-${shown}`}>
        <Picture file={seen} alt={`${name} as the judge saw it`} sidePx={SIDE_PX} fit="contain" />
        {heat && shown !== 'picture' ? (
          <span className="verdict-map">
            <Picture
              file={heat}
              alt="Where it looks real (white) or made (black)"
              sidePx={SIDE_PX}
              fit="contain"
            />
          </span>
        ) : null}
      </div>
      {heat ? <Segments label="What is shown" segments={faces} value={face} onChange={setFace} /> : null}
      <p className="section-words">
        {formatScore(opinion.score)}, {verdictInWords(opinion)}.
        {map
          ? ` ${map.rows} × ${map.columns} patches, from ${formatScore(map.low)} to ${formatScore(map.high)}; white looks real.`
          : ' This judge gives one verdict for the whole picture, so there is no map.'}
      </p>
    </>
  )
}

/** Pictures that a person asked about: the score of each, and where the chosen one looks real. */
export function JudgedPictures({ chosen }: { chosen: Choosing }) {
  const [selected, setSelected] = useState<string | null>(null)
  const { opinions, failures, refusal } = chosen
  const keyOf = (index: number) => String(index)
  const index = Math.max(
    0,
    opinions.findIndex((_, place) => keyOf(place) === selected),
  )
  const shown = opinions[index]
  return (
    <>
      {refusal ? <RefusalNote refusal={refusal} /> : null}
      {shown ? <OnePicture key={`${chosen.job} ${index}`} opinion={shown} /> : null}
      {opinions.length > 1 ? (
        <PickList
          label="Judged pictures"
          items={opinions.map(({ name, score }, place) => ({
            id: keyOf(place),
            label: name,
            aside: formatScore(score),
          }))}
          selected={keyOf(index)}
          onSelect={setSelected}
        />
      ) : null}
      {failures.map(({ name, refusal: why }) => (
        <RefusalNote key={name} refusal={why} />
      ))}
    </>
  )
}

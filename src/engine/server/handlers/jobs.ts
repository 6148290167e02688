import type { Handlers } from './types.ts'

// What computes is imported when it is first asked for: the process that reads projects never loads TensorFlow.

export const jobHandlers = {
  'run:start': async ({ project, training }, { jobs }) => {
    const { startRun } = await import('../../training/run.ts')
    return jobs.startTraining((signal, control) =>
      startRun({ projectFolder: project.path, training }, signal, control),
    )
  },
  'run:resume': async ({ project, run }, { jobs }) => {
    const { resumeRun } = await import('../../training/run.ts')
    return jobs.startTraining((signal, control) =>
      resumeRun({ projectFolder: project.path, run }, signal, control),
    )
  },
  'job:pause': async ({ job }, { jobs }) => {
    jobs.pause(job)
    return {}
  },
  'job:continue': async ({ job }, { jobs }) => {
    jobs.continue(job)
    return {}
  },
  'job:stop': async ({ job }, { jobs }) => {
    jobs.stop(job)
    return {}
  },
  'translate:start': async ({ model, inputs, output, options }, { jobs }) => {
    const { openBackend } = await import('../../backends/index.ts')
    const { translate } = await import('../../inference/translate.ts')
    return jobs.start('translate', async function* (signal) {
      await openBackend()
      const paths = inputs.map(({ path }) => path)
      yield* translate({ modelPath: model.path, inputs: paths, output: output.path, options }, signal)
    })
  },
  'generate:start': async ({ model, output, real, source, options, ...choice }, { jobs }) => {
    const { openBackend } = await import('../../backends/index.ts')
    const { generateSet } = await import('../../generation/generateSet.ts')
    return jobs.start('generate', async function* (signal) {
      const { device } = await openBackend()
      const request = { modelPath: model.path, output: output.path, options, ...choice, backend: device }
      const folders = {
        ...(real && { realFolder: real.path }),
        ...(source && { sourceFolder: source.path }),
      }
      yield* generateSet({ ...request, ...folders }, signal)
    })
  },
  'walk:start': async ({ model, output, options }, { jobs }) => {
    const { openBackend } = await import('../../backends/index.ts')
    const { walk } = await import('../../generation/walk.ts')
    return jobs.start('generate', async function* (signal) {
      const { device } = await openBackend()
      const { from, to, seed, frames, classes } = options
      const ends = { from: { seed, place: from }, to: { seed, place: to } }
      const folders = { modelPath: model.path, output: output.path }
      yield* walk({ ...folders, ...ends, frames, options: { classes }, backend: device }, signal)
    })
  },
  'evaluate:start': async ({ project, run, split, steps }, { jobs }) => {
    const { evaluateRun } = await import('../../evaluation/evaluate.ts')
    return jobs.start('evaluate', (signal) =>
      evaluateRun({ projectFolder: project.path, run, split, steps: steps ?? 'all' }, signal),
    )
  },
  'judge:start': async ({ project, run, pictures, split, ...rest }, { jobs }) => {
    const { openBackend } = await import('../../backends/index.ts')
    const { judgePictures } = await import('../../judging/judgePictures.ts')
    const { step, judge, beside, label, output } = rest
    return jobs.start('judge', async function* (signal) {
      await openBackend()
      const asked = { projectFolder: project.path, run, split, pictures: pictures.map(({ path }) => path) }
      const chosen = {
        ...(step !== null && { step }),
        ...(judge !== null && { judge }),
        ...(beside && { beside: beside.path }),
        ...(label !== null && { label }),
        ...(output && { output: output.path }),
      }
      yield* judgePictures({ ...asked, ...chosen }, signal)
    })
  },
  'plan:start': async ({ project, training, patienceSeconds }, { jobs }) => {
    const { planRun } = await import('../../planning/plan.ts')
    return jobs.start('plan', (signal) =>
      planRun({ projectFolder: project.path, training, patienceSeconds }, signal),
    )
  },
  'sweep:plan': async ({ project, sweep }, { jobs }) => {
    const { planSweep } = await import('../../sweeps/plan.ts')
    return jobs.start('plan', (signal) => planSweep(project.path, sweep, signal))
  },
  'sweep:start': async ({ project, sweep }, { jobs }) => {
    const { startSweep } = await import('../../sweeps/run.ts')
    return jobs.start('sweep', (signal) => startSweep(project.path, sweep, signal))
  },
  'sweep:resume': async ({ project, sweep }, { jobs }) => {
    const { resumeSweep } = await import('../../sweeps/run.ts')
    return jobs.start('sweep', (signal) => resumeSweep(project.path, sweep, signal))
  },
  'report:write': async ({ project, run, output }, { jobs }) => {
    const { writeReport } = await import('../../evaluation/report.ts')
    return jobs.start('report', (signal) =>
      writeReport({ projectFolder: project.path, run, ...(output && { output: output.path }) }, signal),
    )
  },
} satisfies Partial<Handlers>

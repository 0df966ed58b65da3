import fc from 'fast-check'

// Properties that name no seed of their own take the run's, so that it repeats them.
if (process.env.SEED) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.SEED) })

"""Training of the diffusion networks, at mini and published scale with one code path.

Start at `start` (from a recipe to its files) and `config` (what a run is). `scenes` and `cache` give examples, `readers` turns their words into conditions,
`objective` is what is learnt, `tasks` are the three networks that are trained, `loop` runs and resumes.
Needs the extra `train`; importing this package alone imports no torch.
"""

"""Training the critic (`encoders.critic`): exact and corrupted edits -> features -> a small head.

Start at `examples` (a change that is right, made wrong in a known way or left right), with `corruptions` and `textures` for the ways; `fit` trains the head on their features.
"""

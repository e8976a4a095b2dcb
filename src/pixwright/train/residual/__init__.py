"""Training a residual network of 64 px: what the classical tools made of a photograph that was spoilt -> what is missing to the photograph itself.

Start at `samples` (photographs spoilt, mended by the classical tools, and so with a truth), then `views` for what of them is seen at 64 px and how a residual comes back at full
size, and `fit` for the network. "Do nothing" is its floor by construction: its last layer starts at zero. No weights of it are shipped; what it gained is in docs/training.md.
"""

"""Training of the namer (`encoders.naming`) on boxes of photographs that were named by hand: `samples.py` the rows, `network.py`, `fit.py` the loop. Start in recipes/train/naming.py."""

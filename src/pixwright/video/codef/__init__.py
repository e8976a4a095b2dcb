"""A shot as canonical pictures and a map into them for each frame, fitted (CoDeF): an edit of the canonical picture is an edit of every frame.

Start at `fit` (frames -> `CanonicalVideo`; needs the extra `torch`); `layers` is what comes out, and needs no torch.
"""

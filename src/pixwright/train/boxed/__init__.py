"""Training the outline of a box (`encoders.boxed`): layered pictures whose outlines are known, and photographs whose things stand out clearly -> a small decoder.

Start at `samples` (a picture, a box, and what of it is the thing), then `network` for what reads the picture encoder's features, and `fit` for the training.
"""

"""Training a harmoniser: things cut out of photographs, put back with other colours -> the maps of colours that take them back.

Start at `samples` (a photograph, a thing of it, and its ground without it), then `fit` for the changes of colour and the network, and `views` for what it sees. No weights of
it are shipped: on so few photographs it learns the things by heart (docs/training.md).
"""

"""Training the harmoniser (`encoders.harmoniser`): things cut out of photographs, put back with other colours -> what takes them back.

Start at `samples` (a photograph, a thing of it, and its ground without it), then `fit` for the changes of colour and the network.
"""

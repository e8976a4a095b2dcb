"""Scenes of three dimensions, edited by instruction: a file of Gaussians in, a file of Gaussians out.

Start at `cameras` (where pictures of a scene are taken from). Colours are linear in a picture once the geometry is fixed, so what the other rooms do to pictures is
carried back to the Gaussians. What an edit does not select is bit-identical in the file.
"""

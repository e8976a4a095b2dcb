"""Scenes of three dimensions, edited by instruction: a file of Gaussians in, a file of Gaussians out; or photographs in, an edited radiance field out (`nerf/`).

Start at `edit` (from file to file) and `steps` (one step of a plan). `cameras` and `views` are where a scene is looked at from, `splats/` what it is made of, `finding` and `lifting` which of that the
words mean, `repaint` its colours. Colours are linear in a picture once the geometry is fixed, so what the other rooms do to pictures is carried back to the Gaussians.
What an edit does not select is bit-identical in the file.
"""

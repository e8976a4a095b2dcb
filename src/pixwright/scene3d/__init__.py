"""Scenes of three dimensions, edited by instruction: a file of Gaussians in, a file of Gaussians out.

Start at `edit` (from file to file) and `steps` (one step). `ply` and `gaussians` are the file and its numbers, `cameras` and `render` what is seen of them, `finding` and `lifting` which of
them words mean, `repaint` and `solving` their colours, `rigid` things as a whole; `nerf/` is the route by a radiance field. Colours are linear in a picture once the geometry is fixed, so what the other rooms do to pictures is
carried back to the Gaussians. What an edit does not select is bit-identical in the file.
"""

"""Scenes of solids, traced from as many cameras as are wanted, with the exact mask of every thing: what views of one scene are measured with.

Start at `trace` (cameras -> pictures, masks, depth, points on the surfaces). `shapes` are the solids, `things` the plain things built of them, by noun.
"""

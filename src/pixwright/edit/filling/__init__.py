"""Holes filled with what surrounds them. Start at `fill`; `synthesis` is the patch search, `offsets` the first guess, `copying` the full-size pixels.

`clean_plate` makes a mask exact where the ground behind it is plain.
"""

"""Holes filled with what surrounds them. Start at `fill`; `synthesis` is the patch search, `offsets` the first guess, `copying` the full-size pixels.

`taking` says what goes with a thing (halo, forgotten bits, `shadows`), `clean_plate` makes its mask exact where the ground behind it is plain.
Before patches are searched, `plate` closes a hole in a smooth backdrop, and `lines` continues the straight edges that cross one.
"""

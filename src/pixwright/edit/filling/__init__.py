"""Holes filled with what surrounds them. Start at `fill`; `patches` fills by copying, with `synthesis` as the patch search, `offsets` as the first guess, `copying` for the full-size pixels.

`taking` says what goes with a thing (halo, forgotten bits, `shadows`), `clean_plate` makes its mask exact where the ground behind it is plain.
`grounds` tells apart what a hole lies before, and `parted` fills each part from its own ground, in its own light (`falling`).
Where that is not all smooth, whole `blocks` are tried first; patches only where those show, and what shows less by `rim.shows` is taken.
What patches fill and does not meet its rim before a calm ground, such as a room out of focus, is carried `across` from side to side.
Before patches are searched, `plate` closes a hole in a smooth backdrop, and `lines` continues the straight edges that cross one.
"""

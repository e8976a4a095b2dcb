"""Frozen values that travel between the rooms. Nothing here imports anything of ours or reads a file.

Start at `plan` (what an instruction means), `region` (where a phrase is) and `result` (the picture and the account). `kind` is the table of edit types,
`thing` a noun phrase understood, `vocabulary` the words all rooms share, `evidence` what an editor claims, `sample` a row of a data set.
"""

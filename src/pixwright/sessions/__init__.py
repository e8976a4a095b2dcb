"""Editing in turns: a session is a tree of immutable versions of one picture.

Start at `converse.say` (words -> what became of the session) and `records` (what a session is). `store` keeps sessions on the disk, `meaning` finds what words
mean that refer to earlier ones, `again` makes versions again and compares, `pack` exports and imports.
"""

"""One file an edit type, named after it; each has `edit(picture, step, region, context) -> Proposal`. `visual/` holds the types that a picture guides.

An editor only says what is done; how it is done is in the rooms beside this one. Start with `remove.py`, the shortest that does something.
"""
